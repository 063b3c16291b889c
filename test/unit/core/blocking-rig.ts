// Other threads that the test plays: a context whose sockets have their inproc peers "elsewhere", and a script of what
// those do while this thread blocks. The clock is the script's too.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { Context } from "../../../src/core/context.ts";
import { LoneShare } from "../../../src/core/context-share.ts";
import type { LinkMaker } from "../../../src/core/link-maker.ts";
import { LOCAL_LINKS } from "../../../src/core/link-maker.ts";
import type { PipeHost, PipeLink, PipeTransport } from "../../../src/core/transport.ts";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import type { Pipe } from "../../../src/pipe/pipe.ts";
import { InprocTransport } from "../../../src/transports/inproc.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { TcpTransport } from "../../../src/transports/tcp.ts";
import { peerInfo, pipeEvents } from "../sockets/rig.ts";

/** What happens in one block: after `afterMs` the other thread does something. */
interface Step {
  readonly afterMs: number;
  readonly act: () => void;
}

let now = 1000;

installPlatform({ ...nodePlatform, now: () => now });

/** A share that blocks by reading the next step of the script. */
export class ScriptShare extends LoneShare {
  override readonly canBlock: boolean;
  /** The times that were asked for, in order. */
  readonly blocks: number[];
  readonly #steps: Step[];

  constructor(canBlock: boolean) {
    super();
    this.canBlock = canBlock;
    this.blocks = [];
    this.#steps = [];
  }

  get leftCount(): number {
    return this.#steps.length;
  }

  later(afterMs: number, act: () => void): this {
    this.#steps.push({ afterMs, act });
    return this;
  }

  override block(timeoutMs = -1): boolean {
    this.blocks.push(timeoutMs);
    const step = this.#steps[0];
    if (step === undefined || (timeoutMs >= 0 && step.afterMs > timeoutMs)) {
      assert.notEqual(timeoutMs, -1, "the script is at its end, and the call would block for ever");
      now += timeoutMs;
      if (step !== undefined) this.#steps[0] = { ...step, afterMs: step.afterMs - timeoutMs };
      return false;
    }
    this.#steps.splice(0, 1);
    now += step.afterMs;
    step.act();
    return true;
  }
}

/** `far://`: names that sockets of other threads bind and connect. A test has their ends. */
class FarTransport implements PipeTransport {
  readonly kind: "pipe";
  readonly scheme: string;
  readonly #binders: Map<string, PipeHost>;
  readonly #hwm: number;
  /** The other ends, in the order of connecting. */
  readonly ends: Pipe[];

  constructor(hwm: number) {
    this.kind = "pipe";
    this.scheme = "far";
    this.#binders = new Map();
    this.#hwm = hwm;
    this.ends = [];
  }

  bind(name: string, host: PipeHost): void {
    this.#binders.set(name, host);
  }

  unbind(name: string): boolean {
    return this.#binders.delete(name);
  }

  isBound(name: string): boolean {
    return this.#binders.has(name);
  }

  connect(_name: string, host: PipeHost): PipeLink {
    const pipe = this.#join(host);
    return { pipe, disconnect: () => pipe.close("orphaned") };
  }

  optionsChanged(): void {
    // The marks are the test's.
  }

  release(): void {
    this.#binders.clear();
  }

  /** A socket of another thread connects to a name that one of ours has bound. */
  arrive(name: string): Pipe {
    this.#join(this.#binders.get(name) as PipeHost);
    return this.ends.at(-1) as Pipe;
  }

  #join(host: PipeHost): Pipe {
    const marks = { firstToSecondHwm: this.#hwm, secondToFirstHwm: this.#hwm, conflate: false };
    const [near, far] = createLocalPipe(marks, peerInfo(), peerInfo());
    Object.defineProperty(near, "crossesThreads", { value: true });
    far.events = pipeEvents({});
    near.live = far.live = true;
    this.ends.push(far);
    if (!host.attachPipe(near, null) || !host.identifyPipe(near)) far.close("peer-gone");
    return near;
  }
}

export interface FarSettings {
  readonly canBlock?: boolean;
  /** The mark of each direction of a pipe. */
  readonly hwm?: number;
  readonly links?: LinkMaker;
}

/** One context, the script and the ends of the other threads. */
export class Far {
  readonly share: ScriptShare;
  readonly context: Context;
  readonly #transport: FarTransport;

  constructor(t: TestContext, { canBlock = true, hwm = 100, links = LOCAL_LINKS }: FarSettings = {}) {
    this.share = new ScriptShare(canBlock);
    this.#transport = new FarTransport(hwm);
    const transports = [this.#transport, new InprocTransport(), new TcpTransport()];
    this.context = new Context({}, transports, this.share, links);
    t.after(() => this.context.terminate());
  }

  /** The other thread's end of the pipe that was made last. */
  get end(): Pipe {
    return this.#transport.ends.at(-1) as Pipe;
  }

  get ends(): readonly Pipe[] {
    return this.#transport.ends;
  }

  arrive(name: string): Pipe {
    return this.#transport.arrive(name);
  }
}

/** The call takes so many milliseconds on the script's clock. */
export function takes(expectedMs: number, call: () => unknown): void {
  const start = now;
  call();
  assert.equal(now - start, expectedMs, "milliseconds");
}

export function write(end: Pipe, ...texts: string[]): void {
  assert.ok(
    end.tryWrite(
      texts.map((text) => Buffer.from(text)),
      true,
    ),
  );
}

export function read(end: Pipe): string[] | undefined {
  return end.tryRead()?.map(String);
}

/** The call throws an error with this code. */
export function throwsCode(code: string, call: () => unknown, why?: string): void {
  assert.throws(call, { code }, why);
}
