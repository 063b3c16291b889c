import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import { orphanCap } from "../../core/options.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import type { WithdrawnListener } from "../../routing/topic-trie.ts";
import { TopicTrie } from "../../routing/topic-trie.ts";
import { Inbox, Inboxes } from "./inboxes.ts";
import type { FurtherTopics } from "./publishing.ts";
import { Publishing } from "./publishing.ts";
import { SubscriptionEvents } from "./subscription-events.ts";
import { CANCEL, isSubscription, SUBSCRIBE, TOPIC, takeSubscriptions } from "./subscription-frame.ts";

/**
 * 29/PUBSUB, "The XPUB Socket Type": a PUB that receives. Its application is told of subscriptions as messages
 * `01 topic` and `00 topic`, in one order for all peers, and gets what peers send upstream, from each peer in turn.
 *
 *     pipe --> subscription --> topics of the peer, at once
 *                          \--> events -----.
 *          --> message ----> inbox of peer --+--> receive: a message comes after the events that came before it
 */
export class XpubPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #publishing: Publishing;
  readonly #events: SubscriptionEvents;
  readonly #inboxes: Inboxes;
  readonly #inboxOf: Map<Pipe, Inbox>;
  /** Pipes that are not read because too many events wait. */
  readonly #stalled: Set<Inbox>;
  /** Messages in the inboxes of peers that left. */
  #orphanCount: number;
  /** Manual mode: what the peers asked for, whatever the application made of it. */
  readonly #requests: FurtherTopics;
  /** Manual mode: the peer of the event received last. */
  #manualPipe: Pipe | null;
  /** The peer of the message received last. */
  #origin: Pipe | null;

  constructor(host: PatternHost) {
    this.type = SocketType.XPublisher;
    this.#host = host;
    this.#publishing = new Publishing(host, () => host.becameReadable());
    this.#events = new SubscriptionEvents();
    this.#inboxes = new Inboxes();
    this.#inboxOf = new Map();
    this.#stalled = new Set();
    this.#orphanCount = 0;
    const topics = new TopicTrie();
    this.#requests = {
      topics,
      listener: (node) => this.#events.push([ended(topics.topicOf(node, TOPIC))], null),
    };
    this.#manualPipe = null;
    this.#origin = null;
  }

  /** Called after each change of the subscriptions. */
  get onSubscription(): (() => void) | null {
    return this.#publishing.onSubscription;
  }

  set onSubscription(listener: (() => void) | null) {
    this.#publishing.onSubscription = listener;
  }

  /** Different topics of all peers together. */
  get topicsCount(): number {
    return this.#publishing.topicsCount;
  }

  /** Peers that have a subscription, or that would get a message that starts with `topic`. */
  subscriberCount(topic?: Uint8Array): number {
    return this.#publishing.subscriberCount(topic);
  }

  /** Manual mode: subscribes the peer of the event received last (libzmq behaviour B57). No such peer is no fault. */
  subscribe(topic: Uint8Array): void {
    const pipe = this.#manualPipe;
    if (pipe !== null && this.#publishing.has(pipe)) this.#publishing.subscribe(pipe, topic, 0);
  }

  /** Manual mode: undoes `subscribe`. */
  unsubscribe(topic: Uint8Array): void {
    const pipe = this.#manualPipe;
    if (pipe !== null && this.#publishing.has(pipe)) this.#publishing.cancel(pipe, topic, 0);
  }

  attach(pipe: Pipe): boolean {
    const inbox = new Inbox(pipe);
    this.#inboxOf.set(pipe, inbox);
    this.#publishing.attach(pipe);
    this.#read(inbox);
    return this.#publishing.has(pipe);
  }

  identified(pipe: Pipe): boolean {
    if (!this.#publishing.has(pipe)) return false;
    this.#publishing.identified(pipe, this.#withdrawn(), this.#furtherTopics());
    return true;
  }

  detachWriter(pipe: Pipe): void {
    this.#publishing.leave(pipe, this.#withdrawn(), this.#furtherTopics());
    if (this.#manualPipe === pipe) this.#manualPipe = null;
  }

  detach(pipe: Pipe): void {
    this.detachWriter(pipe);
    const inbox = this.#inboxOf.get(pipe);
    if (inbox === undefined) return;
    this.#inboxOf.delete(pipe);
    this.#stalled.delete(inbox);
    this.#keepOrphans(inbox);
  }

  onReadable(pipe: Pipe): void {
    const inbox = this.#inboxOf.get(pipe);
    if (inbox !== undefined) this.#read(inbox);
  }

  onWritable(): void {
    this.#publishing.unblock();
  }

  send(message: Message): boolean {
    const pipe = this.#manualPipe;
    if (pipe === null || !this.#host.options.manualLastValue) return this.#publishing.send(message);
    const isSent = this.#publishing.send(message, pipe);
    // Only the next message is for this peer alone.
    if (isSent) this.#manualPipe = null;
    return isSent;
  }

  receive(): Message | undefined {
    const upstream = this.#inboxes.peek();
    const isDue = upstream !== undefined && upstream.after < this.#events.oldestNumber;
    return isDue ? this.#receiveUpstream() : this.#receiveEvent();
  }

  origin(): Pipe | null {
    return this.#origin;
  }

  canSend(): boolean {
    return this.#publishing.canSend();
  }

  facts(): PatternFacts {
    return { subscriberCount: this.#publishing.subscriberCount() };
  }

  peerFacts(pipe: Pipe): PatternFacts {
    return { topicCount: this.#publishing.has(pipe) ? this.#publishing.topicCount(pipe) : 0 };
  }

  canReceive(): boolean {
    return this.#events.length > 0 || !this.#inboxes.isEmpty;
  }

  get #limit(): number {
    const hwm = this.#host.options.receiveHighWaterMark;
    return hwm === 0 ? Number.POSITIVE_INFINITY : hwm;
  }

  /** Each event counts for itself, so none may be left out: beyond the limit, peers wait. */
  get #tellsAll(): boolean {
    return isManual(this.#host.options) || this.#host.options.verbosity !== null;
  }

  #receiveEvent(): Message | undefined {
    const event = this.#events.take();
    if (event === undefined) return undefined;
    this.#origin = event.pipe;
    if (isManual(this.#host.options)) {
      this.#manualPipe = event.pipe !== null && this.#publishing.has(event.pipe) ? event.pipe : null;
    }
    if (this.#stalled.size > 0 && this.#events.length <= this.#limit >> 1) this.#resumeStalled();
    return event.message as Message;
  }

  #receiveUpstream(): Message | undefined {
    const taken = this.#inboxes.take();
    if (taken === undefined) return undefined;
    const { message, inbox } = taken;
    this.#origin = inbox.pipe;
    if (inbox.isOrphan) this.#orphanCount--;
    else if (inbox.isPaused && inbox.messages.length <= this.#limit >> 1) this.#read(inbox);
    return message;
  }

  #resumeStalled(): void {
    const stalled = [...this.#stalled];
    this.#stalled.clear();
    for (const inbox of stalled) this.#read(inbox);
  }

  /** Subscriptions take effect as they arrive, however idle the application is (libzmq behaviour B133). */
  #read(inbox: Inbox): void {
    const { pipe } = inbox;
    const limit = this.#limit;
    const tellsAll = this.#tellsAll;
    inbox.isPaused = false;
    for (;;) {
      if (tellsAll && this.#events.length >= limit) {
        this.#stalled.add(inbox);
        return;
      }
      inbox.isPaused = inbox.messages.length >= limit;
      if (inbox.isPaused) return;
      const message = pipe.tryRead();
      if (message === undefined) return;
      if (this.#publishing.has(pipe)) this.#publishing.welcome(pipe);
      this.#handle(inbox, message);
      // A peer that broke a limit is gone by now.
      if (inbox.isOrphan) return;
    }
  }

  #handle(inbox: Inbox, message: Message): void {
    if (message.length === 1) {
      if (isSubscription(message[0]!)) this.#handleSubscription(inbox.pipe, message[0]!);
      else this.#store(inbox, message);
      return;
    }
    const { onlyFirstSubscribe } = this.#host.options;
    const rest = takeSubscriptions(message, onlyFirstSubscribe, (frame) =>
      this.#handleSubscription(inbox.pipe, frame),
    );
    if (rest.length > 0) this.#store(inbox, rest);
  }

  #store(inbox: Inbox, message: Message): void {
    this.#inboxes.push(inbox, message, this.#events.lastNumber);
    if (inbox.isOrphan) this.#orphanCount++;
  }

  #handleSubscription(pipe: Pipe, frame: Frame): void {
    // The topics of a peer that left are ended already.
    if (!this.#publishing.has(pipe)) return;
    const { verbosity } = this.#host.options;
    const manual = isManual(this.#host.options);
    if (
      frame[0] === SUBSCRIBE &&
      !this.#publishing.admits(pipe, frame, manual ? this.#requests.topics : undefined)
    )
      return;
    if (manual) this.#request(pipe, frame);
    else if (frame[0] === SUBSCRIBE) this.#subscribe(pipe, frame, verbosity !== null);
    else this.#cancel(pipe, frame, verbosity);
  }

  /** libzmq behaviour B57: the application decides, and is told everything. */
  #request(pipe: Pipe, frame: Frame): void {
    const number = this.#publishing.numberOf(pipe);
    if (frame[0] === SUBSCRIBE) this.#requests.topics.add(number, frame, TOPIC);
    else this.#requests.topics.remove(number, frame, TOPIC);
    this.#events.push([frame], pipe);
  }

  /** libzmq behaviours B53, B54: the first subscription to a topic is told, `verbose`ly every one. */
  #subscribe(pipe: Pipe, frame: Frame, isVerbose: boolean): void {
    const added = this.#publishing.subscribe(pipe, frame, TOPIC);
    if (isVerbose) this.#events.push([frame], pipe);
    else if (added === "first") this.#events.pushChange(frame, pipe, this.#limit);
  }

  /** The last cancellation of a topic is told, and one of a topic that nobody has (libzmq behaviour B54). */
  #cancel(pipe: Pipe, frame: Frame, verbosity: null | "allSubs" | "allSubsUnsubs"): void {
    const removed = this.#publishing.cancel(pipe, frame, TOPIC);
    if (verbosity === "allSubsUnsubs" || (verbosity !== null && removed === "last"))
      this.#events.push([frame], pipe);
    else if (removed === "last") this.#events.pushChange(frame, pipe, this.#limit);
    else if (removed === "unknown" && this.#events.length < this.#limit) this.#events.push([frame], pipe);
  }

  /** libzmq behaviours B54, B56: what is told when a peer leaves. */
  #withdrawn(): WithdrawnListener | null {
    const { verbosity } = this.#host.options;
    if (isManual(this.#host.options)) return null;
    const publishing = this.#publishing;
    return (node, isLast) => {
      if (!isLast && verbosity !== "allSubsUnsubs") return;
      const frame = ended(publishing.topicOf(node));
      if (verbosity === null) this.#events.pushChange(frame, null, this.#limit);
      else this.#events.push([frame], null);
    };
  }

  #furtherTopics(): FurtherTopics | null {
    return this.#requests.topics.topicCount > 0 ? this.#requests : null;
  }

  /** Messages of peers that left stay receivable, up to a cap; those of peers that we sent away do not. */
  #keepOrphans(inbox: Inbox): void {
    inbox.isOrphan = true;
    const { length } = inbox.messages;
    const room = inbox.pipe.isEnded ? orphanCap(this.#host.options) - this.#orphanCount : 0;
    const excess = Math.max(0, length - Math.max(0, room));
    for (let i = 0; i < excess; i++) this.#host.countReceivedDrop(inbox.pipe, "orphaned");
    this.#inboxes.discard(inbox, excess);
    this.#orphanCount += length - excess;
  }
}

/** Whether the application decides about subscriptions. */
export function isManual({ manual, manualLastValue }: PatternHost["options"]): boolean {
  return manual || manualLastValue;
}

function ended(frame: Frame): Frame {
  frame[0] = CANCEL;
  return frame;
}
