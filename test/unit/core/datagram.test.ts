import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { checkDirection, datagramFormat } from "../../../src/core/datagram.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const texts = (frames: readonly Uint8Array[]): string[] =>
  frames.map((frame) => Buffer.from(frame).toString("latin1"));

test("a RADIO sends its group and body to whom the endpoint says, and hears nothing", () => {
  const radio = datagramFormat(SocketType.Radio);
  const message = [octets("tv"), octets("hi")];
  assert.equal(radio.absorbs(message), false);
  const { octets: datagram, to } = radio.encode(message);
  assert.deepEqual([texts([datagram]), to], [["\x02tvhi"], null]);
  assert.equal(radio.decode(octets("\x02tvhi"), "127.0.0.1:1"), "protocol");
});

test("a DISH takes what is for its groups, keeps its own word to itself, and tells why the rest is nothing", () => {
  const dish = datagramFormat(SocketType.Dish);
  assert.equal(dish.decode(octets("\x02tvhi"), ""), "no-subscriber");
  assert.equal(dish.absorbs([octets("\x01tv")]), true);
  assert.deepEqual(texts(dish.decode(octets("\x02tvhi"), "") as Uint8Array[]), ["tv", "hi"]);
  assert.equal(dish.decode(octets("\x01tvhi"), ""), "no-subscriber");
  assert.equal(dish.decode(octets("\x05tvhi"), ""), "protocol");
  assert.equal(dish.decode(octets(""), ""), "protocol");
  assert.equal(dish.absorbs([octets("\0tv")]), true);
  assert.equal(dish.decode(octets("\x02tvhi"), ""), "no-subscriber");
  assert.throws(() => dish.encode([octets("tv"), octets("hi")]), /sends no datagrams/);
});

test("each DISH endpoint has groups of its own", () => {
  const [one, two] = [datagramFormat(SocketType.Dish), datagramFormat(SocketType.Dish)];
  one.absorbs([octets("\x01a")]);
  assert.equal(two.decode(octets("\x01a"), ""), "no-subscriber");
});

test("a DGRAM puts the address before the body, and sends a copy without libzmq's zero octet", () => {
  const dgram = datagramFormat(SocketType.Datagram);
  const body = octets("body");
  assert.equal(dgram.absorbs([octets("\x01a")]), false);
  assert.deepEqual(texts(dgram.decode(body, "127.0.0.1:5") as Uint8Array[]), ["127.0.0.1:5", "body"]);
  for (const address of ["127.0.0.1:5", "127.0.0.1:5\0"]) {
    const out = dgram.encode([octets(address), body]);
    assert.equal(out.to, "127.0.0.1:5");
    assert.deepEqual(texts([out.octets]), ["body"]);
    assert.notEqual(out.octets, body);
  }
});

test("udp is for Radio to connect, Dish to bind and Datagram to bind, and Datagram has nothing else", () => {
  const allowed = (
    typeName: keyof typeof SocketType,
    kind: "stream" | "pipe" | "datagram",
    direction: "bind" | "connect",
  ) => {
    try {
      checkDirection({ type: SocketType[typeName], typeName }, "udp://127.0.0.1:5", kind, direction);
      return true;
    } catch (error) {
      assert.equal((error as { code: string }).code, "ENOCOMPATPROTO");
      return false;
    }
  };
  for (const typeName of Object.keys(SocketType) as (keyof typeof SocketType)[]) {
    const isDatagram = typeName === "Datagram";
    for (const direction of ["bind", "connect"] as const) {
      assert.equal(allowed(typeName, "stream", direction), !isDatagram);
      assert.equal(allowed(typeName, "pipe", direction), !isDatagram);
    }
    assert.equal(allowed(typeName, "datagram", "bind"), isDatagram || typeName === "Dish", typeName);
    assert.equal(allowed(typeName, "datagram", "connect"), typeName === "Radio", typeName);
  }
});
