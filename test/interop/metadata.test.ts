import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { withPeers } from "./harness.ts";
import { availability } from "./launch.ts";

// What a socket of ours tells of itself in the handshake, at libzmq.

const METADATA = { "X-Role": "worker", "X-Large": "x".repeat(30_000) };

withPeers(
  (it) => {
    it("libzmq talks with those who tell it more than it asks", async (scope) => {
      const rep = await scope.their("REP");
      // Set on the socket itself: the peers of these tests know texts and numbers as options.
      const req = await scope.our("REQ");
      (req.direct as unknown as { metadata: typeof METADATA }).metadata = METADATA;
      await req.connect(await rep.bind(scope.endpoint("tcp")));
      const [answers] = await Promise.all([req.exchange([["a"], ["b"]]), rep.echo(2, 5000)]);
      assert.deepEqual(answers, [["'a'"], ["'b'"]]);
    });
  },
  { wire: "inproc has no handshake" },
);

const { python } = availability("pyzmq");

/** zmq_msg_gets(), of which the native package has nothing. */
const READER = `
import sys, zmq
context = zmq.Context()
pull = context.socket(zmq.PULL)
pull.linger = 0
pull.connect(sys.argv[1])
pull.poll(10000)
frame = pull.recv(copy=False)
print(frame.get("X-Role"), len(frame.get("X-Large")), frame.get("Socket-Type"))
context.destroy()
`;

test("libzmq's application reads it from a message", {
  skip: python === undefined && "no pyzmq",
}, async () => {
  const { Push } = await import("../../src/index.ts");
  const push = new Push({ metadata: METADATA, linger: 0 });
  try {
    await push.bind("tcp://127.0.0.1:*");
    const reading = promisify(execFile)(python as string, ["-c", READER, push.lastEndpoint as string], {
      timeout: 15_000,
    });
    await push.send("a");
    assert.equal((await reading).stdout.trim(), "worker 30000 PUSH");
  } finally {
    await push.close();
  }
});
