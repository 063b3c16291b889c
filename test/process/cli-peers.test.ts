// The command with libzmq at the other end.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { availability, launchPeer } from "../interop/launch.ts";
import type { OpenOptions, PeerSocket } from "../interop/peer.ts";
import { zmq } from "./command.ts";

for (const kind of ["native", "pyzmq"] as const) {
  const { missing } = availability(kind);
  const title = (what: string): string => `${kind}: ${what}`;
  const settings = { skip: missing ?? false, timeout: 30_000 };
  type Open = (
    type: Parameters<ReturnType<typeof launchPeer>["open"]>[0],
    options?: OpenOptions,
  ) => Promise<PeerSocket>;

  function peerOf(t: TestContext): Open {
    const peer = launchPeer(kind);
    t.after(() => peer.stop());
    return async (type, options = {}) => peer.open(type, { linger: 0, ...options });
  }

  test(title("push, pull, with several frames and octets of all kinds"), settings, async (t) => {
    const open = peerOf(t);
    const pull = await open("PULL");
    const push = zmq(
      t,
      "push",
      await pull.bind("tcp://127.0.0.1:*"),
      "--hex",
      "-f",
      "00ff",
      "-f",
      "",
      "-f",
      "61",
    );
    assert.deepEqual(await pull.receive(1), [["<00ff>", "''", "'a'"]]);
    assert.equal((await push.ended).status, 0);

    const taker = zmq(t, "pull", "@tcp://127.0.0.1:*", "-n", "2", "--json");
    const endpoint = await taker.endpoint();
    const pusher = await open("PUSH", { linger: 1_000 });
    await pusher.connect(endpoint);
    await pusher.send([["a", ""], [{ hex: "c328" }]]);
    assert.equal((await taker.ended).stdout.toString(), '{"frames":["a",""]}\n{"frames":[{"hex":"c328"}]}\n');
  });

  test(title("pub waits for a subscription, sub gets what it asked for"), settings, async (t) => {
    const open = peerOf(t);
    const sub = await open("SUB");
    await sub.subscribe("A");
    const pub = zmq(t, "pub", "@tcp://127.0.0.1:*", "A1", "B1", "A2");
    await sub.connect(await pub.endpoint());
    assert.deepEqual(await sub.receive(2), [["'A1'"], ["'A2'"]]);
    const end = await pub.ended;
    assert.equal(end.status, 0);
    assert.match(end.stderr, /1 message was lost: nobody had subscribed/);

    const theirs = await open("XPUB");
    const ours = zmq(t, "sub", await theirs.bind("tcp://127.0.0.1:*"), "-t", "A", "-n", "1");
    assert.deepEqual(await theirs.receive(1), [["<0141>"]]);
    await theirs.send([["B"], ["A3"]]);
    assert.equal((await ours.ended).stdout.toString(), "A3\n");
  });

  test(title("a proxy is steered by a REQ, and ends when that says so"), settings, async (t) => {
    const open = peerOf(t);
    const anywhere = "tcp://127.0.0.1:*";
    const proxy = zmq(t, "proxy", "streamer", anywhere, anywhere, "--control", anywhere);
    const [, front, back, control] = (await proxy.said(
      /listening at (\S+)\nlistening at (\S+)\nlistening at (\S+)\n/,
    )) as unknown as string[];
    const [push, pull, req] = [await open("PUSH"), await open("PULL"), await open("REQ")];
    await push.connect(front as string);
    await pull.connect(back as string);
    await req.connect(control as string);
    await push.send([["1", ""]]);
    assert.deepEqual(await pull.receive(1), [["'1'", "''"]]);
    assert.deepEqual(await req.exchange([["PAUSE"]]), [["''"]]);
    await push.send([["2"]]);
    assert.deepEqual(await pull.receive(1, 50), []);
    const [statistics] = await req.exchange([["STATISTICS"]]);
    assert.equal(statistics?.length, 8);
    assert.equal(statistics?.[7], statistics?.[1], "all octets that were received were sent");
    assert.deepEqual(await req.exchange([["RESUME"]]), [["''"]]);
    assert.deepEqual(await pull.receive(1), [["'2'"]]);
    assert.deepEqual(await req.exchange([["TERMINATE"]]), [["''"]]);
    const { status, stderr } = await proxy.ended;
    assert.equal(status, 0);
    assert.match(stderr, /frontend received 2, sent 0; backend received 0, sent 2\n/);
  });

  test(title("req asks, with retries too; rep answers"), settings, async (t) => {
    const open = peerOf(t);
    const rep = await open("REP");
    const endpoint = await rep.bind("tcp://127.0.0.1:*");
    const echoed = rep.echo(3);
    assert.equal((await zmq(t, "req", endpoint, "a", "b").ended).stdout.toString(), "a\nb\n");
    assert.equal((await zmq(t, "req", endpoint, "c", "--retries", "1").ended).stdout.toString(), "c\n");
    assert.equal(await echoed, 3);

    const ours = zmq(t, "rep", "@tcp://127.0.0.1:*", "--reply", "pong", "-n", "1");
    const req = await open("REQ");
    await req.connect(await ours.endpoint());
    assert.deepEqual(await req.exchange([["ping"]]), [["'pong'"]]);
    const end = await ours.ended;
    assert.deepEqual([end.status, end.stdout.toString()], [0, "ping\n"]);
  });

  test(title("router and pair echo, a dealer is called by its name"), settings, async (t) => {
    const open = peerOf(t);
    for (const [mine, theirs] of [
      ["router", "DEALER"],
      ["dealer", "ROUTER"],
      ["pair", "PAIR"],
    ] as const) {
      const socket = await open(theirs);
      if (theirs === "ROUTER") {
        const routed = zmq(
          t,
          "dealer",
          await socket.bind("tcp://127.0.0.1:*"),
          "-i",
          "me",
          "here",
          "-n",
          "1",
        );
        assert.deepEqual(await socket.receive(1), [["'me'", "'here'"]]);
        await socket.send([["me", "x"]]);
        assert.equal((await routed.ended).stdout.toString(), "x\n");
      } else {
        const command = zmq(t, mine, "@tcp://127.0.0.1:*", "--echo");
        await socket.connect(await command.endpoint());
        assert.deepEqual(await socket.exchange([["x", "y"]]), [["'x'", "'y'"]]);
      }
    }
  });
}
