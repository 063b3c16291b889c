import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageSpec } from "./frames.ts";
import { report } from "./frames.ts";
import type { PeerSocket } from "./peer.ts";

const MARKER = "\u0003marker";
const markerReport = report([MARKER])[0];

/**
 * Publishes a marker until the subscriber has it: a PUB of libzmq does not say who has subscribed, and what it publishes
 * before that is lost. The subscriber must want everything, or the marker at least.
 */
export async function untilJoined(publisher: PeerSocket, subscriber: PeerSocket): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    await publisher.send([[MARKER]]);
    if ((await subscriber.receive(1, 10)).length > 0) return;
  }
  throw new Error("the subscription did not reach the publisher");
}

/** What the subscriber gets after `untilJoined`, without the markers that are still on their way. */
export function receiveAfterMarker(
  subscriber: PeerSocket,
  count: number,
  timeoutMs?: number,
): Promise<string[][]> {
  return subscriber.receive(count, timeoutMs, markerReport);
}

/** Polls until `probe` answers something; the last resort where the other side tells nothing. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  while (performance.now() < endMs) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    await sleep(5);
  }
  throw new Error(`within ${timeoutMs} ms there was no ${what}`);
}

/** Waits for one of some events of a watched socket and answers with the names of all that it has seen. */
export async function untilEvent(socket: PeerSocket, ...wanted: string[]): Promise<string[]> {
  return await until(`event ${wanted.join(" or ")}`, async () => {
    const names = (await socket.events()).map((event) => event.type);
    return names.some((name) => wanted.includes(name)) ? names : undefined;
  });
}

/** Waits until the socket has so many peers. */
export async function untilPeers(socket: PeerSocket, count: number): Promise<void> {
  await until(`${count} peers`, async () => (await socket.peerCount()) === count || undefined);
}

/** A ROUTER can send to a peer only when it has met it, so a mandatory send is repeated until then. */
export async function sendWhenRoutable(router: PeerSocket, message: MessageSpec): Promise<void> {
  for (;;) {
    try {
      return await router.send([message]);
    } catch (error) {
      if ((error as { code?: string }).code !== "EHOSTUNREACH") throw error;
      await sleep(5);
    }
  }
}
