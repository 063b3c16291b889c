import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../../src/engine/heartbeat.ts";

const NEVER = Number.POSITIVE_INFINITY;

test("without an interval there is nothing to do", () => {
  const heartbeat = new Heartbeat(0, -1);
  heartbeat.start(0);
  assert.equal(heartbeat.nextDeadline, NEVER);
  assert.equal(heartbeat.takePing(1e9), false);
  assert.equal(heartbeat.silence(1e9), 0);
});

test("a PING is due at each interval, whether or not traffic flows", () => {
  const heartbeat = new Heartbeat(100, 0);
  heartbeat.start(1_000);
  assert.equal(heartbeat.nextDeadline, 1_100);
  assert.equal(heartbeat.takePing(1_099), false);
  heartbeat.onReceived(1_050);
  assert.equal(heartbeat.takePing(1_100), true);
  assert.equal(heartbeat.takePing(1_100), false);
  assert.equal(heartbeat.nextDeadline, 1_200);
});

test("after a PING the peer has the timeout, -1 being the interval and 0 for ever", () => {
  const after = (timeoutMs: number) => {
    const heartbeat = new Heartbeat(100, timeoutMs);
    heartbeat.start(0);
    heartbeat.takePing(100);
    return [299, 300, 1e9].map((now) => heartbeat.silence(now));
  };
  assert.deepEqual(after(200), [0, 200, 200]);
  assert.deepEqual(after(-1), [100, 100, 100]);
  assert.deepEqual(after(0), [0, 0, 0]);
});

test("further PINGs do not move the deadline, octets of the peer do", () => {
  const heartbeat = new Heartbeat(100, 250);
  heartbeat.start(0);
  heartbeat.takePing(100);
  heartbeat.takePing(200);
  heartbeat.takePing(300);
  assert.equal(heartbeat.nextDeadline, 350);
  heartbeat.onReceived(340);
  assert.equal(heartbeat.silence(1_000), 0);
  assert.equal(heartbeat.nextDeadline, 400);
});

test("a peer's ttl runs from its last octets, and a later PING replaces it", () => {
  const heartbeat = new Heartbeat(0, -1);
  heartbeat.onPeerTtl(500, 1_000);
  assert.equal(heartbeat.nextDeadline, 1_500);
  heartbeat.onReceived(1_200);
  assert.equal(heartbeat.silence(1_699), 0);
  assert.equal(heartbeat.silence(1_700), 500);
  heartbeat.onPeerTtl(0, 1_300);
  assert.equal(heartbeat.nextDeadline, NEVER);
});

test("silence of our own making is not counted", () => {
  const heartbeat = new Heartbeat(100, 200);
  heartbeat.start(0);
  heartbeat.takePing(100);
  heartbeat.onPeerTtl(150, 100);
  heartbeat.postpone(400);
  assert.equal(heartbeat.silence(549), 0);
  assert.equal(heartbeat.silence(550), 150);
  assert.equal(heartbeat.silence(600), 200);
});
