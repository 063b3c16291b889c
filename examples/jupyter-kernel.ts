import { readFileSync } from "node:fs";
import { format, inspect } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Context, Publisher, packageVersion, Reply, Router } from "../src/index.ts";
import { Evaluator } from "./jupyter/evaluator.ts";
import { Interruption } from "./jupyter/interruption.ts";
import type { Connection, Fields, Message } from "./jupyter/session.ts";
import { endpointOf, Session } from "./jupyter/session.ts";

/**
 * A Jupyter kernel for JavaScript: `node jupyter-kernel.js CONNECTION_FILE`, which is what a kernel.json says. Cells run in
 * the main thread. What they print leaves while they do, because its connections live in a thread of their own; so do the
 * heartbeat and the control channel, which are answered whatever a cell is doing.
 */
const connection = JSON.parse(readFileSync(process.argv[2] as string, "utf8")) as Connection;

class Kernel {
  readonly #session: Session;
  readonly #evaluator: Evaluator;
  readonly #shell: Router;
  readonly #stdin: Router;
  readonly #iopub: Publisher;
  readonly #handlers: Readonly<Record<string, (request: Message) => Fields | Promise<Fields>>>;
  readonly #history: [session: number, line: number, code: string][];
  #count: number;
  /** The cell that runs, and what ends it. */
  #request: Message | undefined;
  #waiting: AbortController;

  constructor(context: Context, interruption: Interruption) {
    this.#session = new Session(connection.key);
    const out = (...args: unknown[]): void => this.#print("stdout", format(...args));
    const err = (...args: unknown[]): void => this.#print("stderr", format(...args));
    const console = { log: out, info: out, debug: out, warn: err, error: err };
    const input = (prompt = ""): Promise<string> => this.#input(prompt);
    const globals = { console, input, setTimeout, clearTimeout, setInterval, clearInterval };
    this.#evaluator = new Evaluator(globals, interruption);
    const options = { context, linger: 1000 };
    this.#shell = new Router(options);
    this.#stdin = new Router(options);
    this.#iopub = new Publisher(options);
    this.#handlers = {
      kernel_info_request: () => INFO,
      execute_request: (request) => this.#execute(request),
      complete_request: ({ content }) => this.#complete(content),
      is_complete_request: ({ content }) => ({
        status: this.#evaluator.check(String(content["code"])),
        indent: "",
      }),
      history_request: ({ content }) => this.#recall(content),
      comm_info_request: () => ({ status: "ok", comms: {} }),
    };
    this.#history = [];
    this.#count = 0;
    this.#request = undefined;
    this.#waiting = new AbortController();
  }

  /** Answers requests, one after the other. */
  async run(): Promise<void> {
    await this.#shell.bind(endpointOf(connection, "shell"));
    await this.#stdin.bind(endpointOf(connection, "stdin"));
    await this.#iopub.bind(endpointOf(connection, "iopub"));
    for await (const frames of this.#shell) {
      const request = unpack(this.#session, frames);
      const handle = this.#handlers[request?.header.msg_type ?? ""];
      if (request === undefined || handle === undefined) continue;
      this.#publish("status", { execution_state: "busy" }, request);
      await this.#shell.send(replyTo(this.#session, request, await handle(request)));
      this.#publish("status", { execution_state: "idle" }, request);
    }
  }

  /** Ends what a cell waits for. */
  interrupt(): void {
    this.#waiting.abort(Object.assign(new Error("The cell was interrupted."), { name: "Interrupt" }));
  }

  /** What a timer of a cell throws, when the cell is over. */
  complain(error: unknown): void {
    this.#print("stderr", inspect(error));
  }

  async close(): Promise<void> {
    await Promise.all([this.#shell, this.#stdin, this.#iopub].map((socket) => socket.close()));
  }

  /** Goes out at once, whatever this thread does next: a PUB never waits. */
  #publish(type: string, content: Fields, parent?: Message): void {
    this.#iopub.trySend(this.#session.pack({ type, content, parent, idents: [type] }).frames);
  }

  async #execute(request: Message): Promise<Fields> {
    const { code, silent = false } = request.content as { readonly code: string; readonly silent?: boolean };
    if (!silent) this.#history.push([0, ++this.#count, code]);
    const count = { execution_count: this.#count };
    this.#request = request;
    this.#waiting = new AbortController();
    if (!silent) this.#publish("execute_input", { ...count, code }, request);
    try {
      const value = await this.#evaluator.run(code, this.#waiting.signal);
      const data = { "text/plain": inspect(value) };
      if (!silent && value !== undefined)
        this.#publish("execute_result", { ...count, data, metadata: {} }, request);
      return { status: "ok", ...count, user_expressions: {}, payload: [] };
    } catch (error) {
      const failure = describe(error);
      this.#publish("error", failure, request);
      return { status: "error", ...count, ...failure };
    } finally {
      this.#request = undefined;
    }
  }

  /** `await input("Your name? ")` asks who sent the cell. */
  async #input(prompt: string): Promise<string> {
    const parent = this.#request;
    if (parent?.content["allow_stdin"] !== true) throw new Error("Nobody is there to be asked.");
    const question = { type: "input_request", content: { prompt, password: false }, parent };
    await this.#stdin.send(this.#session.pack({ ...question, idents: parent.idents }).frames);
    const reply = this.#session.unpack(await this.#stdin.receive({ signal: this.#waiting.signal }));
    return String(reply.content["value"]);
  }

  #print(name: "stdout" | "stderr", line: string): void {
    this.#publish("stream", { name, text: `${line}\n` }, this.#request);
  }

  #complete(content: Fields): Fields {
    const cursor = content["cursor_pos"] as number;
    const { matches, start } = this.#evaluator.complete(String(content["code"]), cursor);
    return { status: "ok", matches, cursor_start: start, cursor_end: cursor, metadata: {} };
  }

  #recall({ hist_access_type: access, n, output, pattern = "*" }: Fields): Fields {
    const parts = String(pattern)
      .split("*")
      .map((part) => part.replace(/[^\w\s]/g, "\\$&"));
    const wanted = new RegExp(`^${parts.join(".*")}$`, "s");
    const found = this.#history.filter(([, , code]) => access !== "search" || wanted.test(code));
    const history = found.slice(typeof n === "number" ? -n : 0);
    return {
      status: "ok",
      history: output === true ? history.map(([s, l, code]) => [s, l, [code, null]]) : history,
    };
  }
}

const INFO: Fields = {
  status: "ok",
  protocol_version: "5.3",
  implementation: "zeromq-ts",
  implementation_version: packageVersion,
  language_info: {
    name: "javascript",
    version: process.versions.node,
    mimetype: "text/javascript",
    file_extension: ".js",
  },
  banner: `JavaScript, Node ${process.versions.node}`,
  help_links: [],
};

/** Errors of cells are of another realm: `instanceof` does not know them. */
function describe(error: unknown): { ename: string; evalue: string; traceback: string[] } {
  const {
    name = "Error",
    message = String(error),
    stack = "",
    code,
  } = error as Partial<NodeJS.ErrnoException>;
  const ename = code === "ERR_SCRIPT_EXECUTION_INTERRUPTED" ? "Interrupt" : name;
  const [own = ""] = stack.split(/\n\s+at (?!cell)/);
  return { ename, evalue: message, traceback: own.split("\n") };
}

/** What others than the client say is nobody's. */
function unpack(session: Session, frames: Buffer[]): Message | undefined {
  try {
    return session.unpack(frames);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return undefined;
  }
}

function replyTo(session: Session, request: Message, content: Fields): (string | Uint8Array)[] {
  const type = request.header.msg_type.replace(/request$/, "reply");
  return session.pack({ type, content, parent: request, idents: request.idents }).frames;
}

async function beat(context: Context): Promise<void> {
  const heart = new Reply({ context });
  await heart.bind(endpointOf(connection, "hb"));
  for await (const frames of heart) await heart.send(frames);
}

/** Until it is told to shut down. */
async function control(context: Context, interruption: Interruption): Promise<void> {
  const session = new Session(connection.key);
  await using router = new Router({ context, linger: 1000 });
  await router.bind(endpointOf(connection, "control"));
  for await (const frames of router) {
    const request = unpack(session, frames);
    const type = request?.header.msg_type;
    if (request === undefined) continue;
    if (type === "interrupt_request" && !(await interruption.interrupt()))
      parentPort?.postMessage("interrupt");
    const content =
      type === "kernel_info_request" ? INFO : { status: "ok", restart: request.content["restart"] };
    await router.send(replyTo(session, request, content));
    if (type === "shutdown_request") return;
  }
}

if (isMainThread) {
  const interruption = new Interruption();
  // Nobody listens to the first words of a kernel, and that is no news.
  const kernel = new Kernel(new Context({ ioMode: "background", warnings: false }), interruption);
  const housekeeper = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: interruption.memory,
  });
  let isEnding = false;
  const end = async (exitCode: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    try {
      await kernel.close();
    } finally {
      // What cells have left running ends with it.
      process.exit(exitCode);
    }
  };
  const fail = (error: unknown): void => {
    // The socket that a reply was for is closed, and so be it.
    if (isEnding) return;
    process.stderr.write(`${inspect(error)}\n`);
    void end(1);
  };
  // Of the cells alone: what goes wrong in the kernel ends it.
  process.on("uncaughtException", (error) => kernel.complain(error));
  housekeeper.on("message", () => kernel.interrupt());
  housekeeper.on("error", fail);
  housekeeper.on("exit", (exitCode) => void end(exitCode));
  kernel.run().catch(fail);
} else {
  const interruption = new Interruption(workerData as SharedArrayBuffer);
  const parent = process.ppid;
  // Who started it is gone: nobody will shut it down.
  setInterval(() => process.ppid === parent || process.kill(process.pid), 1000);
  const context = new Context({ warnings: false });
  // Whichever fails ends the thread, and so the kernel.
  await Promise.race([beat(context), control(context, interruption)]);
  await interruption.interrupt();
  process.exit();
}
