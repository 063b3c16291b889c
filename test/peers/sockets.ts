// Sockets of ours in tests, through the public API: opened for one test, closed when it ends, joined, counted.

import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join as pathJoin } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Event, EventType, FlowStats, Socket, SocketStats } from "../../src/index.ts";
import { DROP_REASONS, type DropReason } from "../../src/pipe/pipe.ts";
import { coreOf } from "../../src/sockets/socket.ts";

export type TransportName = "tcp" | "ipc" | "inproc";
export const TRANSPORTS: readonly TransportName[] = ["tcp", "ipc", "inproc"];
/** Those with a stream, a handshake and a life of their own. */
export const STREAMS: readonly TransportName[] = ["tcp", "ipc"];

let nameCount = 0;

/** Somewhere to bind that nobody else uses. */
export function anyEndpoint(transport: TransportName): string {
  if (transport === "tcp") return "tcp://127.0.0.1:*";
  const name = `zeromq-ts-test-${process.pid}-${++nameCount}`;
  return transport === "inproc" ? `inproc://${name}` : `ipc://${pathJoin(tmpdir(), name)}`;
}

/** A socket that is closed when the test ends; its linger is cut short then. */
export function closing<S extends Socket>(t: TestContext, socket: S): S {
  t.after(async () => {
    if (socket.closed) return;
    (socket as unknown as { linger: number }).linger = 0;
    await socket.close();
  });
  return socket;
}

/** Binds one socket, connects the other, and waits until both know it. Gives the endpoint. */
export async function join(
  binder: Socket,
  connector: Socket,
  transport: TransportName = "tcp",
): Promise<string> {
  const counts = [liveCount(binder) + 1, liveCount(connector) + 1] as const;
  await binder.bind(anyEndpoint(transport));
  const endpoint = binder.lastEndpoint as string;
  connector.connect(endpoint);
  const options = { timeoutMs: 5_000 };
  await Promise.all([binder.waitForPeers(counts[0], options), connector.waitForPeers(counts[1], options)]);
  return endpoint;
}

function liveCount(socket: Socket): number {
  return socket.peers.filter((peer) => peer.live).length;
}

/** Looks again and again until the condition holds. */
export async function until(what: string, condition: () => boolean, patienceMs = 20_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await sleep(1);
  }
}

/** Lets the I/O that waits be done, some turns of the loop. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The code of the error that a promise is rejected with, or `resolved`. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** The first frame of a message as text. */
export function textOf(message: readonly Uint8Array[] | undefined): string | undefined {
  return message?.[0] === undefined ? undefined : Buffer.from(message[0]).toString();
}

/** Everything that is there now, first frames as text. */
export function drain(socket: { tryReceive(): Buffer[] | undefined }): string[] {
  const texts: string[] = [];
  for (let message = socket.tryReceive(); message !== undefined; message = socket.tryReceive()) {
    texts.push(textOf(message) as string);
  }
  return texts;
}

/** Sends until there is no room; gives how many went. */
export function fill(socket: { trySend(message: string): boolean }, limit = 100_000, start = 0): number {
  let count = 0;
  while (count < limit && socket.trySend(`${start + count}`)) count++;
  return count;
}

/** accepted = delivered + queued + dropped, nothing below zero, for each direction and each peer. */
export function assertLaw(stats: SocketStats, what = "the law"): void {
  assertFlow(stats.sent, `${what}: sent`);
  assertFlow(stats.received, `${what}: received`);
  for (const peer of stats.peers) {
    assertFlow(peer.sent, `${what}: sent to ${peer.address}`);
    assertFlow(peer.received, `${what}: received from ${peer.address}`);
  }
}

function assertFlow(flow: FlowStats, what: string): void {
  const lost = lostOf(flow);
  const shown = `${what}: ${flow.accepted} <> ${flow.delivered} + ${flow.queued} + ${lost}`;
  assert.equal(flow.accepted, flow.delivered + flow.queued + lost, shown);
  assert.ok(Math.min(flow.accepted, flow.delivered, flow.queued, ...Object.values(flow.dropped)) >= 0, shown);
}

type Direction = "sent" | "received";

/** Each reason for which a closed socket lost messages was told; what was asked for (conflation, topics) need not be. */
export function assertTold(socket: Socket, directions: readonly Direction[] = ["sent", "received"]): void {
  const { losses } = coreOf(socket).books.journal;
  const stats = socket.stats();
  for (const direction of directions) {
    for (const reason of DROP_REASONS) {
      if (stats[direction].dropped[reason] === 0 || reason === "conflated") continue;
      if (direction === "received" && reason === "no-subscriber") continue;
      const isTold = losses.some((loss) => loss.direction === direction && loss.reason === reason);
      assert.ok(isTold, `${stats[direction].dropped[reason]} ${direction}, lost (${reason}), were not told`);
    }
  }
}

/** All losses together, or for one reason. */
export function lostOf(flow: FlowStats, reason?: DropReason): number {
  if (reason !== undefined) return flow.dropped[reason];
  return DROP_REASONS.reduce((total, one) => total + flow.dropped[one], 0);
}

/** All events of a socket from now on. */
export function watch(socket: Socket): Event[] {
  const events: Event[] = [];
  for (const type of EVENT_TYPES) socket.events.on(type, (event) => events.push(event));
  return events;
}

export const EVENT_TYPES: readonly EventType[] = [
  "accept",
  "accept:error",
  "bind",
  "bind:error",
  "close",
  "close:error",
  "connect",
  "connect:delay",
  "connect:retry",
  "disconnect",
  "end",
  "handshake",
  "handshake:error:auth",
  "handshake:error:other",
  "handshake:error:protocol",
];

export function namesOf(events: readonly Event[]): EventType[] {
  return events.map((event) => event.type);
}
