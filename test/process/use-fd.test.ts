// A program that is started with a socket that listens already, as systemd and inetd do it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { Push } from "../../src/index.ts";
import { freePath } from "../contract/stream-rig.ts";
import { closing } from "../peers/sockets.ts";

const index = new URL(`../../src/index${import.meta.url.slice(-3)}`, import.meta.url).href;

/** Binds to the descriptor 3, says where it is, what it received, and what is wrong with a descriptor that is no socket. */
const PROGRAM = `
const [, index, ioMode, method, endpoint] = process.argv;
const { Pull, context } = await import(index);
context.ioMode = ioMode;
const pull = new Pull({ useFd: 3 });
if (method === "bindSync") pull.bindSync(endpoint);
else await pull.bind(endpoint);
console.log(pull.lastEndpoint);
console.log(String(await pull.receive()));
await pull.close();
const wrong = new Pull({ useFd: 999 });
if (method === "bindSync") { try { wrong.bindSync(endpoint); } catch (error) { console.log(error.code, error.message); } }
else await wrong.bind(endpoint).catch((error) => console.log(error.code, error.message));
await wrong.close();
`;

const onWindows = process.platform === "win32" && "Windows has no such descriptors";

interface Given {
  readonly fd: number;
  /** What the program is told to bind. */
  readonly endpoint: string;
  /** Called when the program has it. */
  release(): void;
}

async function listenAt(
  place: object,
): Promise<{ fd: number; address: AddressInfo | string; close(): void }> {
  const server = createServer();
  server.listen(place);
  await once(server, "listening");
  const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;
  return { fd, address: server.address() as AddressInfo | string, close: () => void server.close() };
}

async function run(
  ioMode: string,
  method: string,
  { fd, endpoint, release }: Given,
  t: Parameters<typeof closing>[0],
) {
  const program = ["--input-type=module", "-e", PROGRAM, index, ioMode, method, endpoint];
  const child = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "inherit", fd] });
  t.after(() => child.kill("SIGKILL"));
  // What the child has is another descriptor of the same socket, and only one process shall accept.
  release();
  assert.ok(child.stdout !== null);
  return createInterface(child.stdout)[Symbol.asyncIterator]();
}

describe("useFd", { skip: onWindows }, () => {
  for (const ioMode of ["loop", "background"] as const) {
    for (const method of ["bind", "bindSync"] as const) {
      test(`${method} takes over a tcp socket that listens, whatever the endpoint says (${ioMode})`, async (t) => {
        const { fd, address, close } = await listenAt({ port: 0, host: "127.0.0.1" });
        const { port } = address as AddressInfo;
        const lines = await run(ioMode, method, { fd, endpoint: "tcp://*:1", release: close }, t);
        assert.equal((await lines.next()).value, `tcp://127.0.0.1:${port}`);
        const push = closing(t, new Push());
        push.connect(`tcp://127.0.0.1:${port}`);
        await push.send("hello");
        assert.equal((await lines.next()).value, "hello");
        assert.match(
          (await lines.next()).value,
          /^EINVAL Cannot bind to tcp:\/\/\*:1: the descriptor 999 \(useFd\) is no socket that can listen\./,
        );
      });

      test(`${method} takes over an ipc socket, and leaves its file alone (${ioMode})`, async (t) => {
        const path = freePath();
        const { fd, close } = await listenAt({ path });
        t.after(() => rmSync(`${path}-kept`, { force: true }));
        const release = (): void => {
          // Node removes the file of a server that it closes.
          renameSync(path, `${path}-kept`);
          close();
        };
        const lines = await run(ioMode, method, { fd, endpoint: `ipc://${path}-kept`, release }, t);
        assert.equal((await lines.next()).value, `ipc://${path}-kept`);
        const push = closing(t, new Push());
        push.connect(`ipc://${path}-kept`);
        await push.send("hello");
        assert.equal((await lines.next()).value, "hello");
        assert.match((await lines.next()).value, /^EINVAL .*descriptor 999/);
        assert.ok(existsSync(`${path}-kept`), "who made it removes it");
      });
    }
  }
});
