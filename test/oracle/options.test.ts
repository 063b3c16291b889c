// The options of the native zeromq package, read from the package itself: names, defaults, and which values it refuses.
// It runs in a process of its own, so that a native fault is a failed test and not the end of the run.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { SocketType } from "../../src/base/socket-type.ts";
import {
  CONTEXT_OPTIONS,
  createContextOptions,
  getContextOption,
  setContextOption,
} from "../../src/core/context-options.ts";
import type { OptionRow } from "../../src/core/option-row.ts";
import { READONLY_OPTIONS, SOCKET_OPTIONS, socketOptionNames } from "../../src/core/option-table.ts";
import { createSocketOptions, getSocketOption, setSocketOption } from "../../src/core/options.ts";
import { SOCKET_CLASSES } from "../../src/core/socket-groups.ts";

const INT_MAX = 2 ** 31 - 1;

/**
 * Where both must answer alike. The native package makes integers of NaN and fractions, and 0 of a negative time to
 * live; here those are refused.
 */
const TRIALS: readonly (readonly [string, unknown])[] = [
  ...["linger", "reconnectInterval", "sendTimeout", "receiveTimeout", "tcpKeepaliveIdle"].flatMap((name) =>
    [-2, -1, 0, 1, 1000].map((value) => [name, value] as const),
  ),
  ...["linger", "reconnectInterval", "handshakeInterval", "connectTimeout", "backlog"].flatMap((name) =>
    [INT_MAX, INT_MAX + 1].map((value) => [name, value] as const),
  ),
  ...["reconnectMaxInterval", "handshakeInterval", "connectTimeout", "heartbeatInterval", "backlog"].flatMap(
    (name) => [-1, 0, 1].map((value) => [name, value] as const),
  ),
  ...[99, 100, 12345, 6553599, 6553600].map((value) => ["heartbeatTimeToLive", value] as const),
  ...[-2, -1, 0, 1, 2].map((value) => ["tcpKeepalive", value] as const),
  ...[-1, 0, 1, 5000].map((value) => ["sendHighWaterMark", value] as const),
  ...["", "a", "a".repeat(255), "a".repeat(256), "é".repeat(127), "é".repeat(128)].map(
    (value) => ["routingId", value] as const,
  ),
  ...["", "a", 5].map((value) => ["plainUsername", value] as const).filter(([, value]) => value !== "a"),
  ["ipv6", true],
  ["ipv6", 1],
  ["immediate", true],
  ["immediate", "true"],
  ["maxMessageSize", 2 ** 48 - 1],
  ["maxMessageSize", -1],
  ["affinity", 2 ** 64],
];

interface Outcome {
  readonly value?: unknown;
  readonly refused?: boolean;
}

interface NativeReport {
  /** Properties with accessors, by class. */
  readonly names: Record<string, string[]>;
  readonly defaults: Record<string, Record<string, unknown>>;
  readonly trials: Outcome[];
}

/** Socket types that the native package has not. */
const ABSENT: readonly string[] = ["Peer", "Channel"];

const script = `
const zmq = { ...require("zeromq"), ...require("zeromq/draft") };
const classes = ${JSON.stringify([...SOCKET_CLASSES, "Context"])};
const report = { names: {}, defaults: {}, trials: [] };
const attempt = (run) => { try { return { value: run() }; } catch { return { refused: true }; } };
for (const name of classes) {
  if (${JSON.stringify(ABSENT)}.includes(name)) continue;
  const one = new zmq[name]();
  const found = new Set();
  for (let at = zmq[name].prototype; at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const [key, { get, set }] of Object.entries(Object.getOwnPropertyDescriptors(at))) if (get || set) found.add(key);
  report.names[name] = [...found];
  report.defaults[name] = {};
  for (const key of found) {
    const { value } = attempt(() => one[key]);
    if (value === null || ["boolean", "number", "string"].includes(typeof value)) report.defaults[name][key] = value;
  }
  one.close?.();
}
const trials = JSON.parse(${JSON.stringify(JSON.stringify(TRIALS))});
for (const [name, value] of trials) {
  const socket = new zmq.Dealer();
  report.trials.push(attempt(() => { socket[name] = value; return socket[name]; }));
  socket.close();
}
process.stdout.write(JSON.stringify(report));
`;

const settings = { encoding: "utf8", timeout: 30_000 } as const;
const probe = spawnSync(process.execPath, ["-e", 'require("zeromq/draft")'], settings);
const skip = probe.status === 0 ? false : `the native package does not load: ${reasonIn(probe.stderr)}`;
const native: NativeReport = skip === false ? ask() : { names: {}, defaults: {}, trials: [] };

function ask(): NativeReport {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], settings);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** Of what Node writes of an error that nobody caught, the error. */
function reasonIn(stderr: string): string {
  return /^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr.trim();
}

/** Types that both have. */
const CLASSES = [...SOCKET_CLASSES.entries()].filter(([, name]) => !ABSENT.includes(name));

/** Parts of the native classes that are no options. */
const NO_OPTIONS = ["closed", "context", "events", "readable", "writable"];

test("every option property of the native classes exists here", { skip }, () => {
  for (const [type, className] of CLASSES) {
    const ours: string[] = [
      ...socketOptionNames(type as SocketType),
      ...Object.keys(READONLY_OPTIONS),
      ...NO_OPTIONS,
    ];
    const missing = native.names[className]!.filter((name) => !ours.includes(name));
    assert.deepEqual(missing, [], className);
    assert.ok(native.names[className]!.length > 40, `${className}: only ${native.names[className]}`);
  }
  assert.deepEqual(
    native.names.Context!.filter((name) => !Object.hasOwn(CONTEXT_OPTIONS, name)),
    [],
  );
});

test("defaults are the same", { skip }, () => {
  let count = 0;
  for (const [type, className] of CLASSES) {
    const values = createSocketOptions(type as SocketType, createContextOptions());
    for (const name of socketOptionNames(type as SocketType)) {
      if (!Object.hasOwn(native.defaults[className]!, name)) continue;
      count++;
      const theirs = native.defaults[className]![name];
      assert.deepEqual(getSocketOption(values, type as SocketType, name), theirs, `${className}.${name}`);
    }
  }
  assert.ok(count > 400, `only ${count} were compared`);
  const values = createContextOptions();
  for (const [name, theirs] of Object.entries(native.defaults.Context!)) {
    assert.deepEqual(getContextOption(values, name), theirs, name);
    if (name !== "maxSocketsLimit") setContextOption(values, name, theirs);
  }
});

test("the same values are taken and refused, and read back alike", { skip }, (t) => {
  assert.equal(native.trials.length, TRIALS.length);
  for (const [index, [name, value]] of TRIALS.entries()) {
    const values = createSocketOptions(SocketType.Dealer, createContextOptions());
    const row: OptionRow<unknown> = SOCKET_OPTIONS[name as keyof typeof SOCKET_OPTIONS];
    const theirs = native.trials[index]!;
    const what = `${name} = ${JSON.stringify(value).slice(0, 40)}`;
    if (theirs.refused === true) {
      assert.throws(() => setSocketOption(values, SocketType.Dealer, name, value), { code: "EINVAL" }, what);
    } else {
      assert.equal(row.refused, undefined, what);
      setSocketOption(values, SocketType.Dealer, name, value);
      assert.deepEqual(getSocketOption(values, SocketType.Dealer, name), theirs.value, what);
    }
  }
  t.diagnostic(`${TRIALS.length} values compared`);
});
