import assert from "node:assert/strict";
import { test } from "node:test";
import { makeSocket, TYPES } from "../../../src/v5-compat/socket-types.ts";

test("every name and every number makes a socket of its type", async () => {
  for (const [name, number] of Object.entries(TYPES)) {
    for (const type of [name, number]) {
      const socket = makeSocket(type);
      assert.equal(socket.type, number, name);
      await socket.close();
    }
  }
});

test("anything else is refused with the names that there are", () => {
  for (const type of ["queue", "toString", 99, undefined, null])
    assert.throws(() => makeSocket(type), { name: "TypeError", message: /pub, xpub, sub/ });
});
