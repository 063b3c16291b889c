import assert from "node:assert/strict";
import { test } from "node:test";
import { Dish, Radio } from "../../../../src/draft.ts";
import { closing, join } from "../../../peers/sockets.ts";

const wrong = (what: RegExp) => (error: Error & { code?: string }) =>
  error.code === "EINVAL" && what.test(error.message);

test("joining twice and leaving what was not joined is EINVAL, and names the group", (t) => {
  const dish = closing(t, new Dish());
  dish.join("tv");
  assert.throws(() => dish.join("tv"), wrong(/has joined the group "tv" already/));
  assert.throws(() => dish.join(Buffer.from("tv")), wrong(/already/));
  assert.throws(() => dish.leave("radio"), wrong(/has not joined the group "radio"\./));
  assert.throws(() => dish.join("x", "x"), wrong(/twice in one call of the group "x"/));
  dish.leave("tv");
  assert.throws(() => dish.leave("tv"), wrong(/has not joined/));
});

test("a call that fails changes nothing", async (t) => {
  const radio = closing(t, new Radio());
  const dish = closing(t, new Dish());
  await join(radio, dish, "inproc");
  dish.join("a");
  assert.throws(() => dish.join("b", "c", "a"));
  assert.throws(() => dish.leave("a", "b"));
  assert.deepEqual(dish.tryReceive(), undefined);
  for (const group of ["a", "b", "c"]) await radio.send(group, { group });
  assert.deepEqual(
    (await dish.receiveMany()).map(([body]) => String(body)),
    ["a"],
  );
});

test("a group that is kept does not change with the caller's buffer", async (t) => {
  const radio = closing(t, new Radio());
  const dish = closing(t, new Dish());
  const group = Buffer.from("a");
  dish.join(group);
  group[0] = 0x62;
  await join(radio, dish, "inproc");
  await radio.send("for a", { group: "a" });
  assert.equal(String((await dish.receive())[0]), "for a");
  dish.leave("a");
});
