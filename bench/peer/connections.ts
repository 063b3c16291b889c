/**
 * A ROUTER with many idle connections, and the clients that hold them: bare sockets that shake hands and go
 * quiet.
 */

import type { Socket as NetSocket } from "node:net";
import { connect } from "node:net";
import { answer, answerMemory, fail, option, optionNumber, serve } from "./control.ts";
import type { BatchSocket, Library } from "./library.ts";

/**
 * A server waits for messages; this one will never get any. The native package wakes up for new pipes and
 * then rejects with EAGAIN, as there is no message: the program has to try again.
 */
export async function waitForEver(socket: BatchSocket): Promise<never> {
  for (;;) {
    try {
      await socket.receive();
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
    }
  }
}

export async function server(library: Library): Promise<void> {
  const socket = new library.Router({ linger: 0 });
  await socket.bind(option("endpoint", "tcp://127.0.0.1:*"));
  waitForEver(socket).catch(fail);
  serve({ memory: answerMemory });
  answer("ready", { endpoint: socket.lastEndpoint });
}

export const greetingSize = 64;

/** 37/ZMTP, Greeting: signature, version 3.1, mechanism, as-server 0, filler. */
export function greeting(mechanism: string): Buffer {
  const bytes = Buffer.alloc(greetingSize);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = 1;
  bytes.write(mechanism, 12, "latin1");
  return bytes;
}

/** 37/ZMTP, The NULL Security Mechanism: a READY command with the socket type and an empty identity. */
function ready(): Buffer {
  const property = (name: string, value: string): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), size, Buffer.from(value)]);
  };
  const body = Buffer.concat([
    Buffer.from("\x05READY"),
    property("Socket-Type", "DEALER"),
    property("Identity", ""),
  ]);
  return Buffer.concat([Buffer.from([0x04, body.length]), body]);
}

const greetingBytes = greeting("NULL");
const readyBytes = ready();

/** Opens one connection and settles when the peer's READY is here, ours being written. */
function shakeHands(host: string, port: number): Promise<NetSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let received = 0;
    let greeted = false;
    let need = greetingSize + 2;
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed the connection")));
    socket.on("connect", () => socket.write(greetingBytes));
    const onData = (chunk: Buffer): void => {
      // The size of the READY frame is its second octet; it may come in any chunk.
      const sizeAt = greetingSize + 1 - received;
      if (sizeAt >= 0 && sizeAt < chunk.length) need = greetingSize + 2 + chunk[sizeAt];
      received += chunk.length;
      if (!greeted && received >= greetingSize) {
        greeted = true;
        socket.write(readyBytes);
      }
      if (greeted && received >= need && received > greetingSize + 1) {
        socket.off("data", onData);
        resolve(socket);
      }
    };
    socket.on("data", onData);
  });
}

/** How many handshakes are under way at once: below every listen backlog. */
const concurrency = 32;

export function clients(): void {
  const port = optionNumber("port", 0);
  const open: NetSocket[] = [];
  serve({
    run: async (count) => {
      const startMs = performance.now();
      let started = 0;
      const worker = async (): Promise<void> => {
        while (started < count) {
          started++;
          open.push(await shakeHands("127.0.0.1", port));
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      answer("result", { count: open.length, ns: Math.round((performance.now() - startMs) * 1e6) });
    },
    close: () => {
      for (const socket of open) {
        socket.removeAllListeners("close");
        socket.destroy();
      }
      open.length = 0;
      answer("closed");
    },
  });
  answer("ready");
}
