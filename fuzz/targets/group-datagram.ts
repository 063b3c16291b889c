import assert from "node:assert/strict";
import type { Message } from "../../src/base/message.ts";
import { SocketType } from "../../src/base/socket-type.ts";
import { datagramFormat } from "../../src/core/datagram.ts";
import { encodeGroupDatagram, parseGroupDatagram } from "../../src/wire/group-datagram.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const GROUPS = ["", "a", "ab", "weather", "x".repeat(127), "x".repeat(128), "x".repeat(255), "\xff"];

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString("latin1");
}

function texts(message: Message | undefined): string[] | undefined {
  return message?.map((frame) => latin1(frame as Uint8Array));
}

function input(random: Random): Uint8Array {
  if (random.chance(0.1)) return random.octets(random.below(300));
  const group = Buffer.from(random.pick(GROUPS), "latin1");
  const body = random.octets(random.pick([0, 1, 20, 300, 8191 - group.length]));
  const datagram = encodeGroupDatagram(group, body);
  assert.deepEqual(texts(parseGroupDatagram(datagram)), [latin1(group), latin1(body)]);
  return mutate(random, datagram, 2);
}

/** Group and body, or undefined: the layout, over text. */
function parseNaively(datagram: Uint8Array): string[] | undefined {
  const text = latin1(datagram);
  const size = text === "" ? Number.POSITIVE_INFINITY : text.charCodeAt(0);
  return text.length < 1 + size ? undefined : [text.slice(1, 1 + size), text.slice(1 + size)];
}

export const groupDatagram: Target = {
  invariant:
    "a DISH takes what is whole and for a group that it joined, octet by octet, and names why else; never throws",
  smokeRounds: 20_000,
  round(random) {
    const dish = datagramFormat(SocketType.Dish);
    const joined = new Set<string>();
    for (let count = random.below(6); count > 0; count--) {
      const group = random.pick(GROUPS);
      const isJoin = random.chance(0.8);
      assert.ok(dish.absorbs([Buffer.from(`${isJoin ? "\x01" : "\x00"}${group}`, "latin1")]));
      if (isJoin) joined.add(group);
      else joined.delete(group);
    }
    const datagram = input(random);
    // A datagram stands in memory that others use, too.
    const around = Buffer.concat([random.octets(random.below(4)), datagram, random.octets(300)]);
    const start = around.length - 300 - datagram.length;
    const decoded = dish.decode(around.subarray(start, start + datagram.length), "127.0.0.1:1");
    const whole = parseNaively(datagram);
    const expected = whole === undefined ? "protocol" : joined.has(whole[0]!) ? whole : "no-subscriber";
    assert.deepEqual(typeof decoded === "string" ? decoded : texts(decoded), expected);
  },
};
