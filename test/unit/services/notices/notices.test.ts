import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { beforeEach, test } from "node:test";
import { platform } from "../../../../src/base/platform.ts";
import { SocketType } from "../../../../src/base/socket-type.ts";
import { isUnsentTold, warnUnsent } from "../../../../src/core/closing.ts";
import type { Finding, Severity } from "../../../../src/core/finding.ts";
import type { Loss } from "../../../../src/core/journal.ts";
import type { SocketCore } from "../../../../src/core/socket.ts";
import { Notices } from "../../../../src/services/notices/notices.ts";
import { Clock } from "./clock.ts";

let lastId = 0;

function fakeSocket(): SocketCore {
  const id = ++lastId;
  const about = { id, type: SocketType.Push, typeName: "Push", label: () => `Push ${id}` };
  return { ...about, openPipes: () => [], books: { journal: null } } as unknown as SocketCore;
}

const loss: Loss = {
  reason: "hwm",
  direction: "sent",
  endpoint: "tcp://a:1",
  peer: "tcp://b:2",
  atMs: 0,
  lostCount: 1,
};

class Rig {
  readonly clock: Clock;
  readonly notices: Notices;
  readonly settings: { warnings: boolean };
  readonly sockets: SocketCore[];
  findings: Finding[];
  lookCount: number;

  constructor() {
    this.clock = new Clock();
    this.settings = { warnings: true };
    this.sockets = [];
    this.findings = [];
    this.lookCount = 0;
    const explain = (socket: SocketCore): Finding[] => {
      this.lookCount++;
      return this.findings.filter((finding) => finding.socket.id === socket.id);
    };
    this.notices = new Notices({ sockets: this.sockets, explain }, this.settings);
  }

  open(): SocketCore {
    const socket = fakeSocket();
    this.sockets.push(socket);
    this.notices.onOpened(socket);
    return socket;
  }

  /** From now on. */
  find(socket: SocketCore, code: string, severity: Severity = "warning"): void {
    const about = { id: socket.id, type: "PUSH", label: socket.label() };
    const rest = { endpoint: null, peer: null, remedy: "Do.", help: "guide", evidence: {}, sinceMs: null };
    this.findings.push({ code, severity, socket: about, what: `${code} at ${socket.label()}.`, ...rest });
  }

  /** Codes that were warned of since it was last asked. */
  warned(): string[] {
    return this.clock.warnings.splice(0).map(([code]) => code);
  }
}

beforeEach(() => {
  delete process.env["ZEROMQ_TS_WARNINGS"];
});

test("a loss is warned of soon, once for the socket and the code", () => {
  const rig = new Rig();
  const socket = rig.open();
  rig.find(socket, "once");
  rig.notices.onLoss(socket, loss);
  assert.deepEqual(rig.warned(), []);
  rig.clock.pass(250);
  assert.deepEqual(rig.warned(), ["ZMQ_ONCE"]);
  rig.find(socket, "second");
  rig.notices.onLoss(socket, loss);
  rig.clock.pass(10_000);
  assert.deepEqual(rig.warned(), ["ZMQ_SECOND"]);
  const other = rig.open();
  rig.find(other, "once");
  rig.notices.onDoubt(other);
  rig.clock.pass(250);
  assert.deepEqual(rig.warned(), ["ZMQ_ONCE"]);
});

test("several findings with one code are one warning, which counts the others", () => {
  const rig = new Rig();
  const socket = rig.open();
  for (let i = 0; i < 4; i++) rig.find(socket, "several");
  rig.notices.onLoss(socket, loss);
  rig.clock.pass(10_000);
  assert.equal(rig.clock.warnings.length, 1);
  assert.match(rig.clock.warnings[0]?.[1] ?? "", /3 more at this socket/);
});

test("what is worth knowing is no warning, until it gets worse", () => {
  const rig = new Rig();
  const socket = rig.open();
  rig.find(socket, "growing", "info");
  rig.notices.onDoubt(socket);
  rig.clock.pass(10_000);
  assert.deepEqual(rig.warned(), []);
  rig.findings = [];
  rig.find(socket, "growing", "error");
  rig.notices.onDoubt(socket);
  rig.clock.pass(10_000);
  assert.deepEqual(rig.warned(), ["ZMQ_GROWING"]);
});

test("what another warning says is not said twice", () => {
  const rig = new Rig();
  const socket = rig.open();
  rig.find(socket, "late-option");
  rig.find(socket, "never-connected");
  Object.assign(socket, { options: { linger: -1 }, links: [] });
  warnUnsent(socket, "has");
  assert.ok(isUnsentTold(socket));
  rig.notices.onDoubt(socket);
  rig.clock.pass(10_000);
  assert.deepEqual(rig.warned(), []);
});

test("a socket that closes before the look is looked at then", () => {
  const rig = new Rig();
  const [first, second, third] = [rig.open(), rig.open(), rig.open()];
  for (const socket of [first, second, third]) rig.find(socket, "closing");
  rig.notices.onLoss(first, loss);
  rig.notices.onClosed(first);
  assert.deepEqual(rig.warned(), ["ZMQ_CLOSING"]);
  rig.notices.onClosed(second);
  rig.clock.pass(100);
  assert.deepEqual([rig.warned(), rig.lookCount], [[], 1], "nothing spoke against the second");
});

test("the end of the process leaves nothing unsaid", () => {
  const rig = new Rig();
  const socket = rig.open();
  rig.find(socket, "at-the-end");
  rig.notices.onLoss(socket, loss);
  rig.clock.end();
  assert.deepEqual(rig.warned(), ["ZMQ_AT_THE_END"]);
  rig.clock.end();
  rig.clock.pass(20_000);
  assert.deepEqual(rig.warned(), []);
});

test("without sockets there is no timer, and nobody waits for the end of the process", () => {
  const rig = new Rig();
  const [first, second] = [rig.open(), rig.open()];
  rig.notices.onDoubt(first);
  assert.deepEqual([rig.clock.timerCount, rig.clock.endWatcherCount], [2, 2]);
  rig.notices.onClosed(first);
  rig.notices.onClosed(second);
  assert.deepEqual([rig.clock.timerCount, rig.clock.endWatcherCount], [0, 0]);
  rig.open();
  assert.deepEqual([rig.clock.timerCount, rig.clock.endWatcherCount], [2, 2]);
});

test("switched off by the option or by the environment, nobody looks", () => {
  const rig = new Rig();
  const socket = rig.open();
  rig.find(socket, "off");
  rig.settings.warnings = false;
  rig.notices.onLoss(socket, loss);
  rig.clock.pass(10_000);
  rig.settings.warnings = true;
  process.env["ZEROMQ_TS_WARNINGS"] = "0";
  rig.notices.onLoss(socket, loss);
  rig.clock.pass(10_000);
  assert.deepEqual([rig.warned(), rig.lookCount], [[], 0]);
  delete process.env["ZEROMQ_TS_WARNINGS"];
  rig.notices.onLoss(socket, loss);
  rig.clock.pass(10_000);
  assert.deepEqual(rig.warned(), ["ZMQ_OFF"]);
});

test("channels: every first loss, and each new finding of any severity, also while warnings are off", () => {
  const rig = new Rig();
  const socket = rig.open();
  const heard: unknown[] = [];
  const hear = (message: unknown): unknown => heard.push(message);
  rig.settings.warnings = false;
  rig.notices.onLoss(socket, loss);
  subscribe("zeromq-ts:loss", hear);
  subscribe("zeromq-ts:finding", hear);
  rig.notices.onLoss(socket, loss);
  const about = { id: socket.id, type: "PUSH", label: socket.label() };
  const { endpoint, peer, direction, reason } = loss;
  assert.deepEqual(heard.splice(0), [{ socket: about, endpoint, peer, direction, reason }]);
  rig.find(socket, "heard", "info");
  rig.find(socket, "heard-too");
  rig.clock.pass(10_000);
  unsubscribe("zeromq-ts:loss", hear);
  unsubscribe("zeromq-ts:finding", hear);
  assert.deepEqual(heard, rig.findings);
  assert.deepEqual(rig.warned(), []);
});

test("a rule that fails costs one warning", () => {
  const rig = new Rig();
  const socket = rig.open();
  const explain = (): never => {
    throw new Error("a bug");
  };
  const notices = new Notices({ sockets: [socket], explain }, rig.settings);
  notices.onOpened(socket);
  for (let i = 0; i < 3; i++) {
    notices.onDoubt(socket);
    rig.clock.pass(10_000);
  }
  assert.deepEqual(rig.warned(), ["ZMQ_SOLVER"]);
  assert.ok(platform.now() > 0);
});
