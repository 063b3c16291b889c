// A shell for commands in this process: what they read, what they said, and Ctrl-C.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import { EXIT, Interruption } from "../../../src/cli/command.ts";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { dispatch } from "../../../src/cli/dispatch.ts";
import type { Io, Sink } from "../../../src/cli/io.ts";

/** For what should come; longer than a busy machine takes. */
export const PATIENCE_MS = 15_000;

export class FakeSink implements Sink {
  isTerminal = false;
  isColoured = false;
  columns = 80;
  readonly chunks: Buffer[] = [];
  /** Set to make writes fail. */
  failure: Error | undefined;
  readonly #waiters = new Set<() => void>();

  get octets(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.octets.toString();
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }

  /** The values of its lines. */
  get values(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  write(data: string | Uint8Array): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.chunks.push(Buffer.from(data as Uint8Array));
    for (const wake of this.#waiters) wake();
    return Promise.resolve();
  }

  /** Resolves with what matched when it was written. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      if (performance.now() > deadline) throw new Error(`never said ${pattern}, but: ${this.text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }
}

export class FakeIo implements Io {
  readonly stdin = new PassThrough();
  isInputTerminal = false;
  readonly stdout = new FakeSink();
  readonly stderr = new FakeSink();
  environment: Record<string, string | undefined> = {};
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ctrl-C. */
  interrupt(exitCode: number = EXIT.interrupted): void {
    this.#controller.abort(new Interruption("SIGINT was received.", exitCode));
  }
}

/** A command that runs here. */
export class Run {
  readonly io: FakeIo;
  readonly exitCode: Promise<number>;

  constructor(args: readonly string[], io: FakeIo) {
    this.io = io;
    this.exitCode = dispatch(args, io, COMMANDS);
  }

  get out(): FakeSink {
    return this.io.stdout;
  }

  get err(): FakeSink {
    return this.io.stderr;
  }

  /** Where it listens. */
  async endpoint(): Promise<string> {
    const [, endpoint] = await this.err.said(/listening at (\S+?)["\n]/);
    return endpoint as string;
  }

  /** Ends as it should. */
  async ends(exitCode: number): Promise<this> {
    assert.equal(await this.exitCode, exitCode, this.err.text);
    return this;
  }
}

/** Starts a command; it is interrupted at the end of the test. */
export function zmq(t: TestContext, ...args: string[]): Run {
  return zmqWith(t, new FakeIo(), ...args);
}

export function zmqWith(t: TestContext, io: FakeIo, ...args: string[]): Run {
  const run = new Run(args, io);
  t.after(async () => {
    io.interrupt();
    await run.exitCode;
  });
  return run;
}

/** A command whose stdin is this text. */
export function zmqReading(t: TestContext, input: string | Buffer, ...args: string[]): Run {
  const io = new FakeIo();
  io.stdin.end(input);
  return zmqWith(t, io, ...args);
}

export const ANY = "@tcp://127.0.0.1:*";
