import { Socket } from "node:net";

/**
 * Reading without a chunk of memory for each read: all sockets of the thread read into one buffer, and what came is
 * handed on before the next read. Where the receiver gathers a large body, the socket reads straight into that.
 *
 * Node gives this for sockets that it is told of when they are made (`onread`). An accepted socket is made without, so
 * its handle is moved into one that is. Where the host has no such handle, sockets are read by `data` events.
 */

/** Octets of one read, at most. */
const COMMON_SIZE = 131072;

/** Octets of a read after a large body: enough for the next header, so that the next large body is hardly copied. */
const SHORT_SIZE = 8192;

/** Takes what was read into `memory`, and answers where the next octets of its socket should go, or `null`. */
export interface DirectReader {
  onRead(memory: Uint8Array, count: number): Uint8Array | null;
}

const READER: unique symbol = Symbol("reader");

export interface ReadSocket extends Socket {
  [READER]?: DirectReader;
}

let common: Uint8Array | null = null;
/** The start of the common buffer. */
let short: Uint8Array | null = null;
let next: Uint8Array | null = null;

/** Whether it is the buffer that sockets read into unless their readers have a better one. */
export function isCommon(memory: Uint8Array): boolean {
  return memory === common || memory === short;
}

/** For the read after one that filled a target. */
export function shortMemory(): Uint8Array {
  if (short === null) {
    short = commonMemory().subarray(0, SHORT_SIZE);
    keepFreedMemory();
  }
  return short;
}

/** The most for which glibc changes its mind: below 32 MiB. */
const UNTOUCHED_SIZE = 0x1f00000;

/**
 * Large bodies are about to come, and be collected by the dozen. glibc gives 128 KiB that are free at the end of its heap
 * back to the system, and has the next bodies' pages made anew: nine faults for each message of 64 KiB, a tenth of what
 * its receiver does. Once a block was freed that it had mapped on its own, it keeps twice that block's size. This one is
 * freed with the next collection, and as nobody touches it, it takes no memory. Elsewhere it does nothing.
 */
function keepFreedMemory(): void {
  Buffer.allocUnsafeSlow(UNTOUCHED_SIZE);
}

function commonMemory(): Uint8Array {
  common ??= Buffer.allocUnsafeSlow(COMMON_SIZE);
  return common;
}

/** The `onread` option of every socket. Node asks for a buffer right after each read, and once at the start. */
export const onread = {
  buffer(): Uint8Array {
    const memory = next ?? commonMemory();
    next = null;
    return memory;
  },
  callback(this: ReadSocket, count: number, memory: Uint8Array): boolean {
    next = this[READER]?.onRead(memory, count) ?? null;
    return true;
  },
};

/** Names the reader of a socket that was made with `onread`. */
export function readDirectly(socket: Socket, reader: DirectReader): void {
  (socket as ReadSocket)[READER] = reader;
}

/** What an accepted socket has inside, in Node. */
interface Insides {
  _handle: { readonly useUserBuffer?: unknown } | null;
  _server: unknown;
}

/** The accepted socket's connection in a socket that reads directly; the accepted one itself where that cannot be. */
export function moveConnection(accepted: Socket, options: object): { socket: Socket; isDirect: boolean } {
  const insides = accepted as unknown as Insides;
  const handle = insides._handle;
  if (typeof handle?.useUserBuffer !== "function") return { socket: accepted, isDirect: false };
  const socket = new Socket({ ...options, handle, pauseOnCreate: true } as object);
  // The server counts its connections, and a socket tells it when it closes.
  (socket as unknown as Insides)._server = insides._server;
  insides._server = null;
  insides._handle = null;
  return { socket, isDirect: true };
}
