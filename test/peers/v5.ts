import type { TestContext } from "node:test";
import type { Socket, SocketTypeName } from "../../src/v5-compat.ts";
import { createSocket } from "../../src/v5-compat.ts";

/** Sockets of version 5's API that close with the test. */
export function v5Sockets(t: TestContext, ...types: readonly SocketTypeName[]): Socket[] {
  return types.map((type) => {
    const socket = createSocket(type, type === "stream" ? {} : { linger: 0 });
    t.after(() => socket.close());
    return socket;
  });
}

/** The next `count` messages of a socket, as texts of their frames. */
export function messages(socket: Socket, count: number): Promise<string[][]> {
  const found: string[][] = [];
  return new Promise((resolve) => {
    socket.on("message", function take(...frames: Buffer[]) {
      found.push(frames.map(String));
      if (found.length < count) return;
      socket.removeListener("message", take);
      resolve(found);
    });
  });
}

/** After what is done now, and what follows it in this turn of the loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
