// A pipe's two ends and what they tell. The suite knows nothing of how the ends are joined: a pipe between two threads
// passes it too, given a `settle` that waits until the other side knows.

import type { Message } from "../../src/base/message.ts";
import { installPlatform } from "../../src/base/platform.ts";
import type { Run } from "../../src/base/run.ts";
import type { DropReason, PeerInfo, Pipe, PipeCounters, PipeEvents, PipeSink } from "../../src/pipe/pipe.ts";
import { DROP_REASONS } from "../../src/pipe/pipe.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";
import { messagesOfRun } from "../oracle/run-messages.ts";

installPlatform(nodePlatform);

export interface PipeSettings {
  readonly firstToSecondHwm: number;
  readonly secondToFirstHwm: number;
  readonly conflate: boolean;
}

/** How an implementation is brought into the suite. */
export interface PipeMaker {
  make(settings: PipeSettings, first: PeerInfo, second: PeerInfo): readonly [Pipe, Pipe];
  /** A sink takes messages out of the very call that writes them. */
  readonly hasDirectSinks: boolean;
  /** Until all that one end did is known to the other. */
  settle(): Promise<void>;
}

export function somePeer(name: string): PeerInfo {
  return {
    endpoint: `test://${name}`,
    address: `test://${name}`,
    socketType: undefined,
    routingId: new Uint8Array(0),
    outgoing: false,
    properties: undefined,
  };
}

/** One end, with the events it told. */
export class EndRig implements PipeEvents {
  readonly pipe: Pipe;
  readonly told: string[] = [];
  /** Called with each event, out of the call on the other end. */
  onEvent: ((event: string) => void) | null = null;

  constructor(pipe: Pipe) {
    this.pipe = pipe;
    pipe.events = this;
  }

  onReadable(pipe: Pipe): void {
    this.#tell("readable", pipe);
  }

  onWritable(pipe: Pipe): void {
    this.#tell("writable", pipe);
  }

  onPeerClosed(pipe: Pipe): void {
    this.#tell("peer closed", pipe);
  }

  onDrained(pipe: Pipe): void {
    this.#tell("drained", pipe);
  }

  onFirstDrop(pipe: Pipe, reason: DropReason): void {
    this.#tell(`first drop: ${reason}`, pipe);
  }

  /** What was told since the last look. */
  take(): string[] {
    return this.told.splice(0);
  }

  /** Writes text; many frames are given as many texts. */
  write(...texts: string[]): boolean {
    return this.pipe.tryWrite(frames(...texts), true);
  }

  /** Writes until the pipe is full: how many went in. */
  fill(limit = 100_000): number {
    let count = 0;
    while (count < limit && this.write(`m${count}`)) count++;
    return count;
  }

  read(): string | undefined {
    return textOf(this.pipe.tryRead());
  }

  /** Reads at most so many: what came. */
  readAll(limit = Number.POSITIVE_INFINITY): string[] {
    const texts: string[] = [];
    while (texts.length < limit) {
      const text = this.read();
      if (text === undefined) break;
      texts.push(text);
    }
    return texts;
  }

  #tell(event: string, pipe: Pipe): void {
    if (pipe !== this.pipe) throw new Error("an event of another end");
    this.told.push(event);
    this.onEvent?.(event);
  }
}

export function frames(...texts: string[]): Message {
  return texts.map((text) => Buffer.from(text, "latin1"));
}

export function textOf(message: Message | undefined): string | undefined {
  return message?.map((frame) => Buffer.from(frame).toString("latin1")).join("|");
}

/** Takes messages past the queue while it is open. */
export class SinkRig implements PipeSink {
  readonly taken: string[] = [];
  isOpen = true;
  heldCount = 0;

  take(message: Message, _owned: boolean): boolean {
    if (!this.isOpen) return false;
    this.taken.push(textOf(message) as string);
    return true;
  }

  get takeRunMax(): number {
    return this.isOpen ? 100 : 0;
  }

  takeRun({ octets, count }: Run): void {
    for (const message of messagesOfRun(octets, 0, octets.length, count)) this.take(message, true);
  }
}

export function totalDropped(counters: PipeCounters): number {
  return DROP_REASONS.reduce((total, reason) => total + counters.dropped[reason], 0);
}

/** Counters as one comparable line. */
export function countsOf(counters: PipeCounters): string {
  const drops = DROP_REASONS.filter((reason) => counters.dropped[reason] > 0);
  const lost = drops.map((reason) => `${reason} ${counters.dropped[reason]}`).join(", ");
  return `accepted ${counters.accepted}, delivered ${counters.delivered}, queued ${counters.queued}${lost && `, ${lost}`}`;
}

/** Two ends: the first writes, the second reads. */
export function joinEnds(
  maker: PipeMaker,
  given: Partial<PipeSettings> = {},
): { readonly writer: EndRig; readonly reader: EndRig } {
  const settings = { firstToSecondHwm: 0, secondToFirstHwm: 0, conflate: false, ...given };
  const [first, second] = maker.make(settings, somePeer("second"), somePeer("first"));
  return { writer: new EndRig(first), reader: new EndRig(second) };
}
