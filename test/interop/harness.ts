import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Library } from "./driver.ts";
import type { PeerKind } from "./launch.ts";
import { availability, launchPeer } from "./launch.ts";
import { loadSubject } from "./libraries.ts";
import { Peer } from "./peer.ts";
import type { Open, Transport } from "./scope.ts";
import { Scope, transportsTo } from "./scope.ts";

/**
 * The tests talk to libzmq through two bindings, each in a child process, so that an abort of libzmq is a failed test and
 * not the end of the run, and to sockets of ours in another thread. With INTEROP_SUBJECT=zeromq the native package stands
 * in for us: what fails then is not about us.
 */
export const subject: Library = await loadSubject();

const TEST_TIMEOUT_MS = 20_000;

export type InteropTest = (title: string, body: (scope: Scope) => Promise<void>, known?: Known) => void;

/** Why a test is not tried. */
export interface Known {
  /** On this machine. */
  readonly skip?: string;
  /** Over inproc: it is about what only other connections have. */
  readonly wire?: string;
  /** Between threads: it is about what happens to processes. */
  readonly process?: string;
}

export type Suite = (it: InteropTest, kind: PeerKind, transports: readonly Transport[]) => void;

export interface SuiteOptions {
  readonly concurrency?: number;
  /** Why no test of the suite is tried over inproc. */
  readonly wire?: string;
}

/**
 * Registers the tests of `body` once for every peer. A peer that cannot be had is no silence: its tests are listed as
 * skipped, and one line says how many and why.
 */
export function withPeers(body: Suite, { concurrency = 4, wire }: SuiteOptions = {}): void {
  for (const kind of ["native", "pyzmq", "thread"] as const) {
    describe(`with ${kind}`, { concurrency }, () => {
      const { missing } = availability(kind);
      if (isInproc(kind) && wire !== undefined) test("all", { skip: wire }, () => undefined);
      else if (missing === undefined) body(runWith(kind), kind, transportsTo(kind));
      else skipAll(kind, missing, body);
    });
  }
}

/** The same for tests in which the other side is no ZeroMQ at all. */
export function withoutPeers(body: (it: InteropTest) => void): void {
  describe("without libzmq", { concurrency: 4 }, () => body(runWith(undefined)));
}

function runWith(kind: PeerKind | undefined): InteropTest {
  const directory = mkdtempSync(join(tmpdir(), "interop-"));
  const ours = Peer.inProcess(subject);
  const launch = (): Peer => (kind === undefined ? ours : launchPeer(kind));
  let theirs = launch();
  after(async () => {
    await Promise.all([ours.stop(), theirs.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });
  return (title, run, known) => {
    const skip = whyNot(kind, known);
    test(title, { timeout: TEST_TIMEOUT_MS, skip }, async () => {
      // One crash must fail one test, not all those after it.
      if (!theirs.alive) theirs = launch();
      const scope = new Scope(ours, theirs, kind, directory);
      try {
        await run(scope);
      } finally {
        await scope.end();
      }
    });
  };
}

function isInproc(kind: PeerKind | undefined): boolean {
  return transportsTo(kind)[0] === "inproc";
}

function whyNot(kind: PeerKind | undefined, { skip, wire, process }: Known = {}): string | false {
  if (isInproc(kind) && wire !== undefined) return wire;
  return (kind === "thread" ? process : undefined) ?? skip ?? false;
}

function skipAll(kind: PeerKind, reason: string, body: Suite): void {
  let count = 0;
  const skipped: InteropTest = (title) => {
    count += 1;
    test(title, { skip: reason }, () => undefined);
  };
  body(skipped, kind, transportsTo(kind));
  console.error(`SKIPPED: ${count} interop tests with ${kind}: ${reason}`);
}

export type BothRoles = (scope: Scope, openFirst: Open, openSecond: Open) => Promise<void>;

/** Registers a test twice: ours plays the first role and the other side the second, then the other way round. */
export function inBothRoles(
  it: InteropTest,
  roles: readonly [string, string],
  title: string,
  body: BothRoles,
  known?: Known,
): void {
  it(`${title} (our ${roles[0]}, their ${roles[1]})`, (scope) => body(scope, scope.our, scope.their), known);
  it(`${title} (our ${roles[1]}, their ${roles[0]})`, (scope) => body(scope, scope.their, scope.our), known);
}
