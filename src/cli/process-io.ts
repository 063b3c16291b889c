import type { Readable } from "node:stream";
import type { WriteStream } from "node:tty";
import { EXIT, Interruption } from "./command.ts";
import type { Io, Sink } from "./io.ts";

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** One of the process's two outputs. */
class StreamSink implements Sink {
  readonly #stream: NodeJS.WriteStream;
  #end: Interruption | null;

  constructor(stream: NodeJS.WriteStream, onEnd: (end: Interruption) => void) {
    this.#stream = stream;
    this.#end = null;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#end !== null) return;
      // `zmq sub ... | head -1`: the reader has what it wants, and nothing went wrong.
      const exitCode = error.code === "EPIPE" ? EXIT.ok : EXIT.failure;
      this.#end = new Interruption(`The output cannot be written: ${error.message}`, exitCode);
      onEnd(this.#end);
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  get isColoured(): boolean {
    const { NO_COLOR, TERM } = process.env;
    return this.isTerminal && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
  }

  // A terminal may not know its size, and says 0.
  get columns(): number {
    return (this.#stream as WriteStream).columns || DEFAULT_COLUMNS;
  }

  get rows(): number {
    return (this.#stream as WriteStream).rows || DEFAULT_ROWS;
  }

  write(data: string | Uint8Array): Promise<void> {
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#stream.write(data, (error) => {
        // The stream's own event says which error it was, and comes after this.
        if (error) setImmediate(() => reject(this.#end ?? error));
        else resolve();
      });
    });
  }
}

/** The surroundings of a real process: its streams, and Ctrl-C as a signal. A second Ctrl-C ends it at once. */
export function processIo(): Io {
  const controller = new AbortController();
  const interrupt = (reason: Interruption): void => controller.abort(reason);
  const signals = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      interrupt(new Interruption(`${name} was received.`, exitCode));
    });
  }
  return {
    // Made when it is used: a terminal that is not read stays as it is.
    get stdin(): Readable {
      return process.stdin;
    },
    get isInputTerminal(): boolean {
      return process.stdin.isTTY === true;
    },
    stdout: new StreamSink(process.stdout, interrupt),
    // Nobody to tell is no reason to end.
    stderr: new StreamSink(process.stderr, () => undefined),
    environment: process.env,
    signal: controller.signal,
  };
}
