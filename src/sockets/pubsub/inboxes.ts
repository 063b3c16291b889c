import type { Message } from "../../base/message.ts";
import { RingQueue } from "../../base/ring-queue.ts";
import type { Pipe } from "../../pipe/pipe.ts";

/** A message that a peer sent upstream. */
export interface UpstreamMessage {
  readonly message: Message;
  /** The last subscription event that came before it: it is not received ahead of that. */
  readonly after: number;
}

/** One peer's messages that the application has not received yet. */
export class Inbox {
  readonly pipe: Pipe;
  readonly messages: RingQueue<UpstreamMessage>;
  /** The pipe is not read for the time being: this inbox or the queue of events is full. */
  isPaused: boolean;
  /** The peer left. */
  isOrphan: boolean;

  constructor(pipe: Pipe) {
    this.pipe = pipe;
    this.messages = new RingQueue();
    this.isPaused = false;
    this.isOrphan = false;
  }
}

/**
 * The messages that peers sent upstream, taken from the peers in turn. They are not left in the pipes because the
 * subscriptions behind them take effect at once.
 */
export class Inboxes {
  /** Those that hold messages, the one whose turn it is first. */
  readonly #turns: RingQueue<Inbox>;

  constructor() {
    this.#turns = new RingQueue();
  }

  get isEmpty(): boolean {
    return this.#turns.isEmpty;
  }

  push(inbox: Inbox, message: Message, after: number): void {
    if (inbox.messages.isEmpty) this.#turns.push(inbox);
    inbox.messages.push({ message, after });
  }

  /** The message whose turn it is. */
  peek(): UpstreamMessage | undefined {
    return this.#turns.peek()?.messages.peek();
  }

  /** Takes the message whose turn it is; `inbox` says whose it was. */
  take(): { readonly message: Message; readonly inbox: Inbox } | undefined {
    const inbox = this.#turns.take();
    if (inbox === undefined) return undefined;
    const { message } = inbox.messages.take() as UpstreamMessage;
    if (!inbox.messages.isEmpty) this.#turns.push(inbox);
    return { message, inbox };
  }

  /** Drops the oldest messages of an inbox. */
  discard(inbox: Inbox, count: number): void {
    for (let left = count; left > 0; left--) inbox.messages.take();
    if (inbox.messages.isEmpty) this.#turns.remove(inbox);
  }
}
