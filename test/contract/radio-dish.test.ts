// What RADIO, DISH and DGRAM promise on every transport, and over udp: who gets what, what a full queue does, and that every
// message is accounted for.

import assert from "node:assert/strict";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import { Datagram, Dish, Radio } from "../../src/draft.ts";
import { Publisher, Pull } from "../../src/index.ts";
import { codesOf as findingsOf } from "../peers/findings.ts";
import {
  anyEndpoint,
  assertLaw,
  assertTold,
  closing,
  codeOf,
  join,
  lostOf,
  TRANSPORTS,
  turns,
  until,
} from "../peers/sockets.ts";

const seed = chooseSeed(process.env.SEED);
const WAIT = { timeoutMs: 5000 };

type Got = [Buffer, { readonly group: Buffer }];
const shown = ([body, { group }]: Got): string => `${group}: ${body}`;

/** Everything that is there. */
function drain(dish: Dish): string[] {
  const got: string[] = [];
  for (let one = dish.tryReceive(); one !== undefined; one = dish.tryReceive()) got.push(shown(one as Got));
  return got;
}

async function pair(t: TestContext, transport: (typeof TRANSPORTS)[number], radioBinds: boolean) {
  const radio = closing(t, new Radio());
  const dish = closing(t, new Dish({ receiveTimeout: 5000 }));
  await (radioBinds ? join(radio, dish, transport) : join(dish, radio, transport));
  return { radio, dish };
}

for (const transport of TRANSPORTS) {
  for (const radioBinds of [true, false]) {
    test(`a DISH gets what is sent to its groups, over ${transport}, ${radioBinds ? "RADIO" : "DISH"} bound`, async (t) => {
      const { radio, dish } = await pair(t, transport, radioBinds);
      dish.join("a", Buffer.from("b"));
      await radio.waitForSubscribers(1, "b", WAIT);
      for (const group of ["a", "ab", "b", ""]) await radio.send(`to ${group}`, { group });
      assert.deepEqual([await dish.receive(), await dish.receive()].map(shown as never), [
        "a: to a",
        "b: to b",
      ]);
      dish.leave("a");
      // JOIN and LEAVE come in order.
      dish.join("c");
      await radio.waitForSubscribers(1, "c", WAIT);
      radio.trySend("nobody", { group: "a" });
      assert.ok(radio.trySend("somebody", { group: "b" }));
      assert.deepEqual((await dish.receiveMany()).map(shown as never), ["b: somebody"]);
      assert.deepEqual(findingsOf(dish), []);
      for (const socket of [radio, dish]) assertLaw(socket.stats());
      assert.equal(lostOf(radio.stats().sent, "no-subscriber"), 3);
    });
  }

  test(`a full DISH misses messages over ${transport}, which are counted, and with noDrop none`, async (t) => {
    for (const noDrop of [false, true]) {
      const radio = closing(t, new Radio({ noDrop, sendHighWaterMark: 5, sendTimeout: 50 }));
      const dish = closing(t, new Dish({ receiveHighWaterMark: 5 }));
      dish.join("a");
      await join(radio, dish, transport);
      await radio.waitForSubscribers(1, "a", WAIT);
      const body = Buffer.alloc(200_000);
      let sentCount = 0;
      let refusal = "";
      while (sentCount < 500 && refusal === "") {
        refusal = await codeOf(radio.send(body, { group: "a" }));
        if (refusal === "resolved") {
          refusal = "";
          sentCount++;
        }
      }
      const { sent } = radio.stats();
      assertLaw(radio.stats());
      assert.equal(refusal, noDrop ? "EAGAIN" : "");
      assert.equal(lostOf(sent, "hwm") > 0, !noDrop);
      assert.equal(sent.accepted, sentCount);
    }
  });
}

test("groups are joined once and left once, all of a call or none", (t) => {
  const dish = closing(t, new Dish());
  dish.join("a", "b");
  assert.throws(() => dish.join("c", "a"), { code: "EINVAL" });
  dish.join("c");
  assert.throws(() => dish.leave("a", "x"), { code: "EINVAL" });
  assert.throws(() => dish.leave("a", "a"), { code: "EINVAL" });
  dish.leave("a", "b", "c");
  dish.join("g".repeat(255), "");
  for (const group of ["g".repeat(256), "a\0b"]) assert.throws(() => dish.join(group), { code: "EINVAL" });
  assert.throws(() => dish.join(5 as never), { code: "EINVAL" });
  void dish.close();
  assert.throws(() => dish.join("d"), { code: "EBADF" });
});

test("a RADIO wants a group and one frame, and says so", async (t) => {
  const radio = closing(t, new Radio());
  assert.equal(await codeOf(radio.send("a", undefined as never)), "EINVAL");
  assert.equal(await codeOf(radio.send("a", {} as never)), "EINVAL");
  assert.equal(await codeOf(radio.send(["a", "b"], { group: "g" })), "EINVAL");
  assert.throws(() => radio.trySend("a", { group: "g".repeat(256) }), { code: "EINVAL" });
  assert.equal(await codeOf(radio.waitForSubscribers(1, "g".repeat(256))), "EINVAL");
  await radio.send(["a"], { group: "" });
  await radio.sendMany([
    ["a", { group: "x" }],
    [Buffer.from("b"), { group: Buffer.from("y") }],
  ]);
  assert.equal(lostOf(radio.stats().sent, "no-subscriber"), 3);
});

test("messages come in batches and by iteration, with their groups", async (t) => {
  const { radio, dish } = await pair(t, "tcp", true);
  dish.join("a");
  await radio.waitForSubscribers(1, "a", WAIT);
  const texts = Array.from({ length: 1000 }, (_, index) => `${index}`);
  await radio.sendMany(texts.map((text) => [text, { group: "a" }] as const));
  const got: string[] = [];
  for await (const batch of dish.batches(300)) {
    got.push(...batch.map(([body]) => String(body)));
    if (got.length === texts.length) break;
  }
  assert.deepEqual(got, texts);
  await radio.send("last", { group: "a" });
  for await (const [body, { group }] of dish) {
    assert.deepEqual([String(body), String(group)], ["last", "a"]);
    break;
  }
});

test("who connects before it joins, and who is connected anew, is known to the radio", async (t) => {
  const first = closing(t, new Radio());
  await first.bind("tcp://127.0.0.1:*");
  const endpoint = first.lastEndpoint as string;
  const dish = closing(t, new Dish({ reconnectInterval: 5, receiveTimeout: 5000 }));
  dish.connect(endpoint);
  dish.join("a", "b");
  await first.waitForSubscribers(1, "a", WAIT);
  dish.leave("b");
  await first.close();
  const second = closing(t, new Radio());
  await until("the port is free", () => {
    try {
      second.bindSync(endpoint);
      return true;
    } catch {
      return false;
    }
  });
  await second.waitForSubscribers(1, "a", WAIT);
  await second.send("b", { group: "b" });
  await second.send("a", { group: "a" });
  assert.equal(shown((await dish.receive()) as Got), "a: a");
});

for (const transport of TRANSPORTS) {
  test(`every message to and from groups is accounted for, over ${transport}`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    const radio = new Radio({ sendHighWaterMark: 5, linger: 0 });
    await radio.bind(anyEndpoint(transport));
    const dishes: Dish[] = [];
    const gone: Dish[] = [];
    for (let step = 0; step < 400; step++) {
      const choice = random.below(100);
      if (choice < 5 || dishes.length === 0) {
        const dish = new Dish({ receiveHighWaterMark: random.pick([1, 5]), reconnectInterval: 1 });
        dish.join(random.pick(["a", "b"]));
        dish.connect(radio.lastEndpoint as string);
        dishes.push(dish);
      } else if (choice < 8) {
        const [dish] = dishes.splice(random.below(dishes.length), 1);
        gone.push(dish as Dish);
        void dish?.close();
      } else if (choice < 15) {
        const dish = random.pick(dishes);
        const group = random.pick(["a", "b"]);
        try {
          if (random.chance(0.5)) dish.join(group);
          else dish.leave(group);
        } catch (error) {
          assert.equal((error as { code: string }).code, "EINVAL");
        }
      } else if (choice < 50) {
        for (let count = random.below(8); count > 0; count--)
          radio.trySend(Buffer.alloc(random.below(300)), { group: random.pick(["a", "b", "c"]) });
      } else if (choice < 80) drain(random.pick(dishes));
      else await turns(random.below(3));
      if (step % 10 === 0) for (const socket of [radio, ...dishes, ...gone]) assertLaw(socket.stats());
    }
    const all = [radio, ...dishes, ...gone];
    await Promise.all(all.map((socket) => socket.close()));
    for (const socket of all) {
      assertLaw(socket.stats());
      assertTold(socket, transport === "inproc" ? ["received"] : ["sent", "received"]);
      const { sent, received } = socket.stats();
      assert.equal(sent.queued + received.queued, 0);
    }
  });
}

// Over udp.

async function udpDish(
  t: TestContext,
  options = {},
): Promise<{ dish: Dish; endpoint: string; raw: UdpSocket; tell: (octets: Buffer) => void }> {
  const dish = closing(t, new Dish({ receiveTimeout: 5000, ...options }));
  await dish.bind("udp://127.0.0.1:*");
  const endpoint = dish.lastEndpoint as string;
  const raw = createSocket("udp4");
  t.after(() => raw.close());
  return {
    dish,
    endpoint,
    raw,
    tell: (octets) => raw.send(octets, Number(endpoint.split(":").at(-1)), "127.0.0.1"),
  };
}

const datagram = (group: string, body: string): Buffer =>
  Buffer.concat([Buffer.from([group.length]), Buffer.from(group + body, "latin1")]);

test("a RADIO over udp sends everything, with no word from anybody, and a DISH takes what is its own", async (t) => {
  const { dish, endpoint } = await udpDish(t);
  dish.join("a");
  const radio = closing(t, new Radio());
  radio.connect(endpoint);
  await radio.waitForSubscribers(1, "whatever");
  for (const group of ["a", "b", "a"]) await radio.send(`to ${group}`, { group });
  assert.equal(shown((await dish.receive()) as Got), "a: to a");
  assert.equal(shown((await dish.receive()) as Got), "a: to a");
  await radio.waitForPeers(1, WAIT);
  assert.deepEqual(findingsOf(radio), []);
  assert.deepEqual(findingsOf(dish), []);
  assert.equal(radio.stats().sent.delivered, 3);
  assert.equal(lostOf(dish.stats().received, "no-subscriber"), 1);
  for (const socket of [radio, dish]) assertLaw(socket.stats());
  const report = await radio.close();
  assert.equal(report.droppedCount, 0);
});

test("a datagram has 8192 octets at most: what is longer is EMSGSIZE, and nothing is lost silently", async (t) => {
  const { dish, endpoint } = await udpDish(t);
  const group = "g".repeat(255);
  dish.join(group);
  const radio = closing(t, new Radio());
  radio.connect(endpoint);
  assert.equal(await codeOf(radio.send(Buffer.alloc(8192 - 255), { group })), "EMSGSIZE");
  assert.throws(() => radio.trySend(Buffer.alloc(8192 - 255), { group }), { code: "EMSGSIZE" });
  assert.equal(radio.stats().sent.accepted, 0);
  await radio.send(Buffer.alloc(8192 - 256), { group });
  assert.equal((await dish.receive())[0].length, 8192 - 256);
});

test("datagrams that are none of ours, or for nobody, are counted and change nothing", async (t) => {
  const { dish, tell } = await udpDish(t);
  dish.join("a");
  for (const octets of ["", "\x05abc", "\xff", "\x01", "\x02a"]) tell(Buffer.from(octets, "latin1"));
  tell(datagram("ab", "x"));
  tell(datagram("a", "good"));
  assert.equal(shown((await dish.receive()) as Got), "a: good");
  const { received } = dish.stats();
  assert.equal(lostOf(received, "protocol"), 4 + 1);
  assert.equal(lostOf(received, "no-subscriber"), 1);
  assertLaw(dish.stats());
  assert.ok(dish.explain().some(({ code }) => code === "protocol-drop"));
});

test("what comes over udp while the queue is full is dropped, counted and told", async (t) => {
  const { dish, tell } = await udpDish(t, { receiveHighWaterMark: 5 });
  dish.join("a");
  for (let i = 0; i < 20; i++) tell(datagram("a", `${i}`));
  await until("all", () => dish.stats().received.accepted === 20);
  assert.equal(lostOf(dish.stats().received, "hwm"), 15);
  assert.equal(drain(dish).length, 5);
  assertLaw(dish.stats());
  assertTold(dish);
  assert.ok(dish.explain().some(({ code }) => code === "hwm-drop"));
});

test("other types, and other directions, are ENOCOMPATPROTO", async (t) => {
  const udp = "udp://127.0.0.1:5555";
  const radio = closing(t, new Radio());
  const dish = closing(t, new Dish());
  const dgram = closing(t, new Datagram());
  const pull = closing(t, new Pull());
  const pub = closing(t, new Publisher());
  for (const [socket, endpoint] of [
    [radio, udp],
    [pull, udp],
    [pub, udp],
    [dgram, "tcp://127.0.0.1:*"],
    [dgram, "inproc://dgram"],
  ] as const)
    assert.equal(await codeOf(socket.bind(endpoint)), "ENOCOMPATPROTO");
  for (const [socket, endpoint] of [
    [dish, udp],
    [pull, udp],
    [dgram, udp],
    [dgram, "ipc://dgram"],
  ] as const)
    assert.throws(() => socket.connect(endpoint), { code: "ENOCOMPATPROTO" });
  assert.throws(() => radio.bindSync(udp), { code: "ENOCOMPATPROTO" });
});

test("udp endpoints are unbound and disconnected, and their ports free again", async (t) => {
  const { dish, endpoint } = await udpDish(t);
  const radio = closing(t, new Radio());
  radio.connect(endpoint);
  radio.connect(endpoint);
  await radio.waitForPeers(2, WAIT);
  radio.disconnect(endpoint);
  await until("gone", () => radio.peers.length === 0);
  assert.throws(() => radio.disconnect(endpoint), { code: "ENOENT" });
  const second = closing(t, new Dish());
  assert.equal(await codeOf(second.bind(endpoint)), "EADDRINUSE");
  await dish.unbind(endpoint);
  await second.bind(endpoint);
  second.unbindSync(endpoint);
  dish.bindSync(endpoint);
});

test("a DGRAM talks to any UDP peer", async (t) => {
  const dgram = closing(t, new Datagram({ receiveTimeout: 5000 }));
  await dgram.bind("udp://127.0.0.1:*");
  const address = (dgram.lastEndpoint as string).slice("udp://".length);
  const plain = createSocket("udp4");
  t.after(() => plain.close());
  plain.bind(0, "127.0.0.1");
  await once(plain, "listening");
  plain.send("question", Number(address.split(":")[1]), "127.0.0.1");
  const [from, body] = (await dgram.receive()) as [Buffer, Buffer];
  assert.deepEqual([String(from), String(body)], [`127.0.0.1:${plain.address().port}`, "question"]);
  const heard = once(plain, "message");
  await dgram.send([from, "answer"]);
  const [answer, { port }] = await heard;
  assert.deepEqual([String(answer), port], ["answer", Number(address.split(":")[1])]);
  assert.equal(await codeOf(dgram.send("no address")), "EINVAL");
  assert.equal(await codeOf(dgram.send([from, Buffer.alloc(8193)])), "EMSGSIZE");
  assert.equal(await codeOf(dgram.bind("udp://127.0.0.1:*")), "EINVAL");
  assert.deepEqual(findingsOf(dgram), []);
  assertLaw(dgram.stats());
});

test("what a DGRAM has no room for is dropped and counted", async (t) => {
  const dgram = closing(t, new Datagram({ receiveHighWaterMark: 3 }));
  await dgram.bind("udp://127.0.0.1:*");
  const other = closing(t, new Datagram());
  await other.bind("udp://127.0.0.1:*");
  const address = (dgram.lastEndpoint as string).slice("udp://".length);
  for (let i = 0; i < 10; i++) await other.send([address, `${i}`]);
  await until("all", () => dgram.stats().received.accepted === 10);
  assert.equal(lostOf(dgram.stats().received, "hwm"), 7);
  assertLaw(dgram.stats());
  assertTold(dgram);
});
