// zmq ps, doctor, top and monitor on processes that live their own lives.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { ownRuntime } from "../unit/services/inspect/rig.ts";
import { zmq } from "./command.ts";
import type { Program } from "./program.ts";
import { launch } from "./program.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

/** A process that loses messages: a publisher that nobody hears, a PUSH whose peer is not there. */
async function unwell(t: TestContext): Promise<{ program: Program; pid: string }> {
  ownRuntime(t);
  process.env.ZEROMQ_TS_INSPECT = "1";
  t.after(() => delete process.env.ZEROMQ_TS_INSPECT);
  const program = launch(
    async (zmq, say) => {
      const push = new zmq.Push({ linger: 0 });
      push.connect("tcp://127.0.0.1:1");
      await push.send("waits");
      const reply = new zmq.Reply();
      await reply.bind("tcp://127.0.0.1:*");
      await zmq.context.inspect();
      process.once("SIGUSR2", async () => {
        const dealer = new zmq.Dealer({ linger: 0 });
        dealer.connect(reply.lastEndpoint as string);
      });
      setInterval(() => undefined, 1000);
      say(`endpoint ${reply.lastEndpoint}`);
      say(`pid ${process.pid}`);
    },
    [],
    { patienceMs: 30_000 },
  );
  t.after(() => program.kill());
  const pid = await program.said("pid ");
  delete process.env.ZEROMQ_TS_INSPECT;
  return { program, pid };
}

test("ps lists it, doctor finds what is wrong and ends with 1", { skip }, async (t) => {
  const { pid, program } = await unwell(t);
  const ps = await zmq(t, "ps", "--json").ended;
  const listed = ps.stdout
    .toString()
    .split("\n")
    .filter((line) => line.includes(`"pid":${pid},`));
  assert.equal(listed.length, 1, ps.stderr);
  assert.equal(JSON.parse(listed[0] as string).socketCount, 2);
  let text = "";
  for (let tries = 0; tries < 20 && !text.includes("never-connected"); tries++) {
    const doctor = await zmq(t, "doctor", pid).ended;
    text = doctor.stdout.toString();
    assert.equal(doctor.status, text.includes("  error ") ? 1 : 0, doctor.stderr);
  }
  assert.match(text, /error never-connected {2}Push tcp:\/\/127\.0\.0\.1:1/);
  const endpoint = await program.said("endpoint ");
  const probe = await zmq(t, "doctor", endpoint, "--json").ended;
  assert.equal(JSON.parse(probe.stdout.toString()).socketType, "REP");
  assert.equal(probe.status, 0);
});

test("monitor tells of a peer that comes, and ends with the process", { skip }, async (t) => {
  const { pid, program } = await unwell(t);
  const monitor = zmq(t, "monitor", pid);
  await monitor.said(/close/);
  program.kill("SIGUSR2");
  await monitor.said(/Reply tcp:\S+ {2}handshake/);
  program.kill("SIGKILL");
  const { status, stderr } = await monitor.ended;
  assert.equal(status, 0, stderr);
  assert.match(stderr, new RegExp(`process ${pid} ended`));
});

test("top prints what it is asked for; a process that is not there is a failure", { skip }, async (t) => {
  const { pid, program } = await unwell(t);
  const top = await zmq(t, "top", pid, "--count", "1", "--interval", "200").ended;
  assert.equal(top.status, 0, top.stderr);
  assert.match(top.stdout.toString(), /PUSH +tcp:\/\/127\.0\.0\.1:1 +0 .*\[#\.{7}\] 1\/1000/);
  program.kill("SIGKILL");
  await program.ended;
  for (const command of ["top", "doctor", "monitor"]) {
    const { status, stderr } = await zmq(t, command, pid).ended;
    assert.equal(status, 1);
    assert.match(stderr, /There is no process/);
  }
});

test("Ctrl-C ends monitor and top with 0", { skip }, async (t) => {
  const { pid } = await unwell(t);
  const monitor = zmq(t, "monitor", pid);
  await monitor.said(/close/);
  monitor.kill("SIGINT");
  assert.deepEqual([(await monitor.ended).status, (await monitor.ended).signal], [0, null]);
  const top = zmq(t, "top", pid, "--count", "0", "--interval", "100");
  await top.said(/PUSH/);
  top.kill("SIGINT");
  assert.deepEqual([(await top.ended).status, (await top.ended).signal], [0, null]);
});
