import { performance } from "node:perf_hooks";
import type { Command, DriverSocket, Reply } from "./driver.ts";
import type { MessageReport } from "./frames.ts";
import { reportBytes, toBytes } from "./frames.ts";

/** What a command does with one socket. pyzmq-peer.py has the same in Python. */
const DEFAULT_TIMEOUT_MS = 5000;
const FILLER = 0x2e;
const TIMER_SLACK_MS = 2;

export async function send(socket: DriverSocket, command: Command): Promise<Reply> {
  const messages = command.messages ?? [];
  socket.sendTimeout = command.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  for (const message of messages) await socket.send(message.map(toBytes));
  return { count: messages.length };
}

/** Fewer messages than asked for are no error here: the test compares the list and shows what is missing. */
export async function receive(socket: DriverSocket, command: Command): Promise<Reply> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  const messages: MessageReport[] = [];
  socket.receiveTimeout = timeoutMs;
  while (messages.length < (command.count ?? 1)) {
    const message = await receiveInTime(socket, timeoutMs);
    if (message === undefined) break;
    const reported = message.map(reportBytes);
    if (command.skip === undefined || reported[0] !== command.skip) messages.push(reported);
  }
  return { messages };
}

export async function exchange(socket: DriverSocket, command: Command): Promise<Reply> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  const messages: MessageReport[] = [];
  socket.sendTimeout = socket.receiveTimeout = timeoutMs;
  for (const message of command.messages ?? []) {
    await socket.send(message.map(toBytes));
    const answer = await receiveInTime(socket, timeoutMs);
    if (answer === undefined) break;
    messages.push(answer.map(reportBytes));
  }
  return { messages };
}

export async function echo(socket: DriverSocket, command: Command): Promise<Reply> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  let count = 0;
  socket.sendTimeout = socket.receiveTimeout = timeoutMs;
  while (count < (command.count ?? 1)) {
    const message = await receiveInTime(socket, timeoutMs);
    if (message === undefined) break;
    await socket.send(message as Buffer[]);
    count += 1;
  }
  return { count };
}

/** Puts together the chunks that a STREAM receives from one connection: where they were cut means nothing. */
export async function collect(socket: DriverSocket, command: Command): Promise<Reply> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  const chunks: Uint8Array[] = [];
  let id: Uint8Array = Buffer.alloc(0);
  let size = 0;
  socket.receiveTimeout = timeoutMs;
  while (size < (command.size ?? 1)) {
    const message = await receiveInTime(socket, timeoutMs);
    if (message === undefined) break;
    id = message[0];
    chunks.push(message[1]);
    size += message[1].length;
  }
  return { messages: [[id, Buffer.concat(chunks)].map(reportBytes)] };
}

/** Sends numbered messages until they are all sent or the socket accepts no more within the time. */
export async function flood(socket: DriverSocket, command: Command): Promise<Reply> {
  const { count = 1, from = 0, size = 4 } = command;
  const envelope = (command.envelope ?? []).map(toBytes);
  socket.sendTimeout = command.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const startMs = performance.now();
  let sent = 0;
  try {
    for (; sent < count; sent++) {
      await socket.send([...envelope, numbered(from + sent, size)]);
    }
  } catch (error) {
    if ((error as { code?: string }).code !== "EAGAIN") throw error;
  }
  return { count: sent, elapsedMs: performance.now() - startMs };
}

/** Sends numbered messages, each when the one before has come back as it was. */
export async function roundTrips(socket: DriverSocket, command: Command): Promise<Reply> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  const { count = 1, size = 4 } = command;
  socket.sendTimeout = socket.receiveTimeout = timeoutMs;
  const startMs = performance.now();
  for (let number = 0; number < count; number++) {
    const request = numbered(number, size);
    await socket.send([request]);
    const answer = await receiveInTime(socket, timeoutMs);
    if (answer === undefined) return { count: number, elapsedMs: performance.now() - startMs };
    if (!request.equals(answer[answer.length - 1])) throw new Error(`answer ${number} is not what was sent`);
  }
  return { count, elapsedMs: performance.now() - startMs };
}

/** Receives numbered messages: each must have a higher number than the one before; gaps are counted, not forbidden. */
export async function drain(socket: DriverSocket, command: Command): Promise<Reply> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = command;
  const { count = 1, pauseMs = 0 } = command;
  socket.receiveTimeout = timeoutMs;
  let received = 0;
  let bytes = 0;
  let missing = 0;
  let first = -1;
  let last = -1;
  let startMs = performance.now();
  while (received < count) {
    const message = await receiveInTime(socket, timeoutMs);
    if (message === undefined) break;
    const body = message[message.length - 1] as Buffer;
    const number = body.readUInt32BE();
    if (number <= last) throw new Error(`message ${number} came after message ${last}`);
    if (body.length > 4 && body[body.length - 1] !== FILLER) throw new Error(`message ${number} is damaged`);
    if (received === 0) {
      first = number;
      startMs = performance.now();
    } else missing += number - last - 1;
    last = number;
    bytes += body.length;
    received += 1;
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return { count: received, missing, first, last, bytes, elapsedMs: performance.now() - startMs };
}

/**
 * The bindings of libzmq answer EAGAIN at once, and not only after the time, when a message came that a REQ or a REP must
 * pass over.
 */
async function receiveInTime(socket: DriverSocket, timeoutMs: number): Promise<Uint8Array[] | undefined> {
  const endMs = performance.now() + timeoutMs - TIMER_SLACK_MS;
  for (;;) {
    try {
      return await socket.receive();
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      if (performance.now() >= endMs) return undefined;
    }
  }
}

function numbered(number: number, size: number): Buffer {
  const body = Buffer.alloc(size, FILLER);
  body.writeUInt32BE(number);
  return body;
}
