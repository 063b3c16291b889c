import assert from "node:assert/strict";
import { test } from "node:test";
import { Dish, Radio } from "../../../../src/draft.ts";
import { closing, codeOf, join } from "../../../peers/sockets.ts";

test("a wait for subscribers ends when so many have joined, any group or one", async (t) => {
  const radio = closing(t, new Radio());
  const dish = closing(t, new Dish());
  await join(radio, dish, "inproc");
  const [any, one] = [radio.waitForSubscribers(), radio.waitForSubscribers(1, Buffer.from("b"))];
  dish.join("a");
  await any;
  assert.equal(await codeOf(radio.waitForSubscribers(1, "b", { timeoutMs: 0 })), "EAGAIN");
  dish.join("b");
  await one;
});

test("errors are rejections of send and of waits, and throws of trySend", async (t) => {
  const radio = closing(t, new Radio());
  assert.equal(await codeOf(radio.waitForSubscribers(1, "a\0")), "EINVAL");
  assert.equal(await codeOf(radio.send("a", { group: null as never })), "EINVAL");
  assert.equal(await codeOf(radio.sendMany([["a", {} as never]])), "EINVAL");
  assert.throws(() => radio.trySend(["a", "b"], { group: "g" }), { code: "EINVAL" });
  await radio.close();
  assert.equal(await codeOf(radio.waitForSubscribers()), "EBADF");
  assert.equal(await codeOf(radio.send("a", { group: "g" })), "EBADF");
});

test("a group may be text, octets or nothing at all, and the caller's buffer is his own", async (t) => {
  const radio = closing(t, new Radio());
  const dish = closing(t, new Dish());
  dish.join("a", "");
  await join(radio, dish, "inproc");
  const group = Buffer.from("a");
  await radio.send("1", { group });
  group[0] = 0x62;
  await radio.send("2", { group: "" });
  const got = await dish.receiveMany();
  assert.deepEqual(
    got.map(([body, label]) => [String(body), String(label.group)]),
    [
      ["1", "a"],
      ["2", ""],
    ],
  );
});
