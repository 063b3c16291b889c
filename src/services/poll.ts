import { ZmqError } from "../base/errors.ts";
import type { Blocking, BlockingOptions, Obstacle } from "../core/blocking.ts";
import { blockUntil, checkedTimeout } from "../core/blocking.ts";
import type { ContextShare } from "../core/context-share.ts";
import type { SocketCore } from "../core/socket.ts";
import { coreOf, Socket } from "../sockets/socket.ts";

/** A socket that `pollSync` looks at, and for what. */
export interface PollRequest<S extends Socket = Socket> {
  readonly socket: S;
  /** Whether a message can be received. Default true. */
  readonly readable?: boolean | undefined;
  /** Whether a message can be sent. Default false. */
  readonly writable?: boolean | undefined;
}

/** A socket that is ready, and for what of that which was asked. */
export interface PollResult<S extends Socket = Socket> {
  readonly socket: S;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** The socket of what `pollSync` is given. */
export type SocketOf<Asked> = Asked extends PollRequest<infer S> ? S : Extract<Asked, Socket>;

interface Item<S extends Socket> {
  readonly socket: S;
  readonly core: SocketCore;
  readonly readable: boolean;
  readonly writable: boolean;
}

/**
 * Blocks this thread until at least one of the sockets can receive or send, and gives those that can, in the order of
 * `items`; none after `timeoutMs` ms (default -1: it waits for ever; 0 looks once). A socket that is given as it is, is
 * asked for messages to receive; one that is named twice is looked at twice; one on which calls wait already is not
 * ready. What else waits meanwhile: see `receiveSync`. Where threads need not block, `await` several sockets instead.
 * libzmq: zmq_poll, without file descriptors.
 *
 * @throws EDEADLK where this thread has to serve one of the sockets, or none could ever be ready, unless `timeoutMs` is
 *   0; EINVAL for what is no socket; ENOTSUP for waiting on sockets of several contexts; EBADF, ETERM
 */
export function pollSync<Asked extends Socket | PollRequest>(
  items: readonly Asked[],
  options: BlockingOptions = {},
): PollResult<SocketOf<Asked>>[] {
  const timeoutMs = checkedTimeout(options.timeoutMs ?? -1);
  if (!Array.isArray(items))
    throw new ZmqError("EINVAL", `pollSync() takes an array of sockets, not ${String(items)}.`);
  const asked = items.map((item) => itemOf(item as SocketOf<Asked>));
  for (const { core } of asked) core.checkOpen();
  if (timeoutMs !== 0) checkMayBlock(asked, timeoutMs);
  const first = asked[0];
  if (first === undefined) {
    sleep(timeoutMs);
    return [];
  }
  // News is taken even if something is ready: others may be as well, and a busy socket must not hide them.
  takeNews(asked);
  if (!isAnyReady(asked) && timeoutMs !== 0) {
    blockUntil(first.core.blocking.share, timeoutMs, () => {
      if (isAnyReady(asked)) return true;
      if (timeoutMs < 0) checkMayBlock(asked, timeoutMs);
      return undefined;
    });
  }
  return readyOf(asked);
}

function itemOf<S extends Socket>(given: S | PollRequest<S>): Item<S> {
  if (given instanceof Socket) return { socket: given, core: coreOf(given), readable: true, writable: false };
  const { socket, readable = true, writable = false } = given ?? {};
  if (socket instanceof Socket) return { socket, core: coreOf(socket), readable, writable };
  throw new ZmqError(
    "EINVAL",
    "pollSync() takes sockets of this package, or { socket, readable, writable }.",
  );
}

/** A socket that this thread serves is refused always; of the others one that may wake us is enough. */
function checkMayBlock(asked: readonly Item<Socket>[], timeoutMs: number): void {
  let refused: { readonly blocking: Blocking; readonly obstacle: Obstacle } | null = null;
  let mayWake = false;
  for (const { core, readable, writable } of asked) {
    if (core.context !== asked[0]?.core.context) throw severalContexts();
    const obstacle = core.blocking.obstacle(readable);
    if (obstacle === "served-here") throw core.blocking.deadlock(obstacle);
    if (obstacle !== null) refused ??= { blocking: core.blocking, obstacle };
    else mayWake ||= readable || writable;
  }
  if (mayWake) return;
  if (refused !== null) throw refused.blocking.deadlock(refused.obstacle);
  if (timeoutMs < 0) {
    throw new ZmqError("EDEADLK", "pollSync() would wait for ever: it was given nothing to wait for.", {
      remedy: "Name sockets, or a time to wait.",
    });
  }
}

function severalContexts(): ZmqError {
  return new ZmqError("ENOTSUP", "pollSync() waits for sockets of one context; these are of several.", {
    remedy: "Wait for each context in a thread of its own.",
  });
}

function takeNews(asked: readonly Item<Socket>[]): void {
  let last: ContextShare | null = null;
  for (const { core } of asked) {
    const { share } = core.blocking;
    if (share !== last) share.block(0);
    last = share;
  }
}

function isAnyReady(asked: readonly Item<Socket>[]): boolean {
  let isReady = false;
  for (let i = 0; i < asked.length; i++) {
    const { core, readable, writable } = asked[i] as Item<Socket>;
    core.blocking.refresh();
    isReady ||= (readable && core.blocking.isReadable) || (writable && core.blocking.isWritable);
  }
  return isReady;
}

function readyOf<S extends Socket>(asked: readonly Item<S>[]): PollResult<S>[] {
  const ready: PollResult<S>[] = [];
  for (const item of asked) {
    const { blocking } = item.core;
    const readable = item.readable && blocking.isReadable;
    const writable = item.writable && blocking.isWritable;
    if (readable || writable) ready.push({ socket: item.socket, readable, writable });
  }
  return ready;
}

function sleep(timeoutMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
}
