import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Request, Subscriber } from "../src/index.ts";
import type { Connection, Fields, Message } from "./jupyter/session.ts";
import { endpointOf, Session } from "./jupyter/session.ts";

/**
 * Drives a Jupyter kernel, Python's: `node jupyter-client.js [tcp|ipc] [COMMAND...]`. A kernel has five sockets: shell,
 * control and stdin are ROUTERs, iopub is a PUB, and the heartbeat a REP.
 */
const PATIENCE_MS = 30_000;

class Kernel {
  readonly #session: Session;
  readonly #shell: Dealer;
  readonly #control: Dealer;
  readonly #stdin: Dealer;
  readonly #iopub: Subscriber;
  readonly #heart: Request;

  constructor(connection: Connection) {
    // The kernel asks for input whoever sent the cell: by the same routing id, on another socket.
    const options = { routingId: randomUUID(), receiveTimeout: PATIENCE_MS, linger: 0 };
    this.#session = new Session(connection.key);
    this.#shell = new Dealer(options);
    this.#control = new Dealer(options);
    this.#stdin = new Dealer({ ...options, receiveTimeout: -1 });
    this.#iopub = new Subscriber({ receiveTimeout: PATIENCE_MS });
    this.#heart = new Request({ receiveTimeout: PATIENCE_MS, linger: 0 });
    this.#iopub.subscribe();
    this.#shell.connect(endpointOf(connection, "shell"));
    this.#control.connect(endpointOf(connection, "control"));
    this.#stdin.connect(endpointOf(connection, "stdin"));
    this.#iopub.connect(endpointOf(connection, "iopub"));
    this.#heart.connect(endpointOf(connection, "hb"));
  }

  /** What the kernel is. Whose subscription is on its way misses what is published: it is asked until something comes. */
  async open(): Promise<Fields> {
    for (;;) {
      const { content } = await this.#ask(this.#shell, "kernel_info_request", {});
      for (let tries = 0; tries < 10; tries++) {
        if (this.#iopub.tryReceive() !== undefined) return content;
        await sleep(10);
      }
    }
  }

  async beats(): Promise<boolean> {
    await this.#heart.send("ping");
    const [echo] = await this.#heart.receive();
    return echo.toString() === "ping";
  }

  /** Runs a cell: `onOutput` gets what it publishes, `onInput` is asked for a line. Answers what became of it. */
  async execute(
    code: string,
    onOutput: (type: string, content: Fields) => void,
    onInput: (prompt: string) => string,
  ): Promise<unknown> {
    const content = { code, silent: false, store_history: true, allow_stdin: true, stop_on_error: true };
    const id = await this.#send(this.#shell, "execute_request", content);
    const done = new AbortController();
    const answering = this.#answerInput(onInput, done.signal);
    for (;;) {
      const { header, parent, content } = this.#session.unpack(await this.#iopub.receive());
      if (parent.msg_id !== id) continue;
      if (header.msg_type !== "status") onOutput(header.msg_type, content);
      else if (content["execution_state"] === "idle") break;
    }
    done.abort();
    await answering;
    return (await this.#replyTo(id, this.#shell)).content["status"];
  }

  async shutDown(): Promise<void> {
    await this.#ask(this.#control, "shutdown_request", { restart: false });
  }

  async close(): Promise<void> {
    const sockets = [this.#shell, this.#control, this.#stdin, this.#iopub, this.#heart];
    await Promise.all(sockets.map((socket) => socket.close()));
  }

  async #answerInput(onInput: (prompt: string) => string, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const question = this.#session.unpack(await this.#stdin.receive({ signal }));
        const value = onInput(String(question.content["prompt"]));
        await this.#send(this.#stdin, "input_reply", { value }, question);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #ask(socket: Dealer, type: string, content: Fields): Promise<Message> {
    return this.#replyTo(await this.#send(socket, type, content), socket);
  }

  async #send(socket: Dealer, type: string, content: Fields, parent?: Message): Promise<string> {
    const { id, frames } = this.#session.pack({ type, content, parent });
    await socket.send(frames);
    return id;
  }

  async #replyTo(id: string, socket: Dealer): Promise<Message> {
    for (;;) {
      const message = this.#session.unpack(await socket.receive());
      if (message.parent.msg_id === id) return message;
    }
  }
}

/** A kernel that is given a connection file which is not there makes one, when its sockets are bound. */
async function connectionIn(file: string, kernel: ChildProcess): Promise<Connection> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.endsWith("}")) return JSON.parse(text) as Connection;
    if (kernel.exitCode !== null) throw new Error("The kernel ended before it had begun.");
    await sleep(20);
  }
}

function print(type: string, content: Fields): void {
  if (type === "stream") process.stdout.write(`${content["name"]}: ${content["text"]}`);
  if (type === "execute_result") console.log(`result: ${(content["data"] as Fields)["text/plain"]}`);
  if (type === "error") console.log(`${content["ename"]}: ${content["evalue"]}`);
}

function answer(prompt: string): string {
  console.log(`the kernel asks: ${prompt}`);
  return "Ada";
}

const [transport = "tcp", ...given] = process.argv.slice(2);
const [command, ...args] = given.length > 0 ? given : ["python3", "-m", "ipykernel_launcher"];
const folder = await mkdtemp(join(tmpdir(), "jupyter-"));
const file = join(folder, "kernel.json");
const kernelProcess = spawn(command, [...args, "-f", file, `--transport=${transport}`], {
  stdio: ["ignore", "ignore", "inherit"],
  // It ends if we do; and its debugger has nothing to warn of.
  env: { ...process.env, JPY_PARENT_PID: String(process.pid), PYDEVD_DISABLE_FILE_VALIDATION: "1" },
});
const ended = once(kernelProcess, "exit");
try {
  const kernel = new Kernel(await connectionIn(file, kernelProcess));
  const { language_info: language, protocol_version: version } = await kernel.open();
  console.log(`the kernel speaks ${(language as Fields)["name"]}, and version ${version} of the protocol`);
  console.log(`its heart beats: ${await kernel.beats()}`);
  for (const code of ["print('hello')\n6 * 7", "input('Your name? ') + ' was here'", "1 / 0"])
    console.log(await kernel.execute(code, print, answer));
  await kernel.shutDown();
  await kernel.close();
  const [exitCode] = await ended;
  console.log(`the kernel ended with ${exitCode}`);
} finally {
  kernelProcess.kill("SIGKILL");
  await rm(folder, { recursive: true });
}
