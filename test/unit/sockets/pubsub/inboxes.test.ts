import assert from "node:assert/strict";
import { test } from "node:test";
import { Inbox, Inboxes } from "../../../../src/sockets/pubsub/inboxes.ts";
import { createPeer, frames, texts } from "../rig.ts";

function filled(inboxes: Inboxes, name: string, count: number): Inbox {
  const inbox = new Inbox(createPeer().near);
  for (let i = 0; i < count; i++) inboxes.push(inbox, frames(`${name}${i}`), i);
  return inbox;
}

function takeAll(inboxes: Inboxes): string {
  const all: string[] = [];
  for (let taken = inboxes.take(); taken !== undefined; taken = inboxes.take())
    all.push(texts(taken.message)!.join());
  return all.join();
}

test("messages are taken from the peers in turn", () => {
  const inboxes = new Inboxes();
  filled(inboxes, "a", 3);
  filled(inboxes, "b", 1);
  filled(inboxes, "c", 2);
  assert.equal(takeAll(inboxes), "a0,b0,c0,a1,c1,a2");
  assert.equal(inboxes.isEmpty, true);
  assert.equal(inboxes.peek(), undefined);
});

test("the message whose turn it is can be seen, with the event that came before it", () => {
  const inboxes = new Inboxes();
  const inbox = filled(inboxes, "a", 2);
  assert.equal(inboxes.peek()!.after, 0);
  assert.equal(inboxes.take()!.inbox, inbox);
  assert.equal(inboxes.peek()!.after, 1);
});

test("the oldest messages of an inbox can be dropped", () => {
  const inboxes = new Inboxes();
  const first = filled(inboxes, "a", 3);
  const second = filled(inboxes, "b", 2);
  inboxes.discard(first, 2);
  inboxes.discard(second, 2);
  assert.equal(takeAll(inboxes), "a2");
});
