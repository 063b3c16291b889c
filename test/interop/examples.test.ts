import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const extension = import.meta.url.slice(-3);

/** Every example runs in a process of its own, ends by itself, and prints what its reader is told to expect. */
const outputs: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  "request-reply": ["hello, world", "hello, moon"],
  "publish-subscribe": ["weather.rome: sunny", "weather.oslo: snow"],
  "request-retry": [
    "ready? Yes!",
    "steady? Yes!",
    "go? Yes!",
    /^EAGAIN: Request got no reply to 2 attempts in some ms from tcp:\/\/127\.0\.0\.1:\d+ \(1 peer connected\)\. /,
  ],
  "sequence-gaps": [
    "20 came, and nothing says that more were sent",
    "gap in price: expected 20, received 100",
    "missed 80, dropped 80",
  ],
  pipeline: [
    "the squares of 1 to 9 add up to 285",
    "ann did 3 of them",
    "bob did 3 of them",
    "eve did 3 of them",
  ],
  "client-server": [
    "good morning, Ann",
    "good night, Ann",
    "good morning, Bob",
    "good night, Bob",
    "all have left: 0 names are known",
  ],
  "radio-dish": [
    "over udp: weather: sunny",
    "over udp: traffic: a jam in the tunnel",
    "over tcp: weather: sunny",
  ],
  broker: [
    /^worker [12] answers client A: one!$/,
    /^worker [12] answers client A: two!$/,
    /^worker [12] answers client B: one!$/,
    /^worker [12] answers client B: two!$/,
  ],
  "steerable-proxy": [
    "received: first",
    "while it is paused: EAGAIN",
    "received: second",
    "2 frames and 11 bytes came in, 2 and 11 went out",
    "in its own process, proxy.statistics(): 2 messages sent",
  ],
  events: [
    "client: connect:delay",
    "client: connect",
    "client: handshake",
    "client: disconnect",
    "client: connect:retry",
    "the next attempt comes in 50 ms or a little more",
  ],
  "close-report": [
    "heard: 5 sent, 0 dropped",
    "unheard: 0 sent, 5 dropped, linger ran out",
    ...[0, 1, 2, 3, 4].map((count) => `received message ${count}`),
  ],
  stats: [
    "accepted 5 = delivered 3 + queued 0 + dropped:",
    "  no-subscriber 2",
    "peer SUB: delivered 3",
    "subscriber: delivered 3",
  ],
  "threads-pair": [
    /^step 1 is ready, in thread \d+$/,
    /^step 2 is ready, in thread \d+$/,
    "step 3 is ready, in thread 0",
  ],
  "threads-tcp": [
    /^12 squared is 144, says thread \d+$/,
    /^34 squared is 1156, says thread \d+$/,
    /^56 squared is 3136, says thread \d+$/,
    /^78 squared is 6084, says thread \d+$/,
  ],
  "worker-pool": [
    "148933 primes below 2000000, found in 20 tasks",
    /^(several threads|one thread) did it, and ended$/,
  ],
  "threads-rep-server": ["A", "B"].flatMap((client) =>
    ["one", "two", "three"].map(
      (question) => new RegExp(`^client ${client}, question ${question}: answered by thread \\d+$`),
    ),
  ),
  "background-io": [
    "the application is busy for a second, and its event loop with it",
    "all 30 readings are here",
    "the sender lost its connection 0 times",
  ],
};

for (const [name, expected] of Object.entries(outputs)) {
  test(`examples/${name}`, { timeout: 10_000 }, async () => {
    const path = fileURLToPath(new URL(`../../examples/${name}${extension}`, import.meta.url));
    const { stdout, stderr } = await run(process.execPath, [path], { timeout: 8000 });
    assert.equal(stderr, "");
    const lines = stdout.trimEnd().split("\n");
    for (const [index, line] of expected.entries()) {
      if (typeof line === "string") assert.equal(lines[index], line);
      else assert.match(lines[index], line);
    }
    assert.equal(lines.length, expected.length, stdout);
  });
}
