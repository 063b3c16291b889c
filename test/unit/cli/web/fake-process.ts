// A process that is looked into, without one.

import type { Inspected } from "../../../../src/cli/web/watched-process.ts";
import type { Finding, SocketReport, ThreadAnswer, ThreadInfo } from "../../../../src/index.ts";

const FLOW = { accepted: 0, delivered: 0, queued: 0, dropped: {} };
const FLOWS = { type: "PUSH", label: "Push", sent: FLOW, received: FLOW };

/** One socket in each thread. */
export class FakeProcess implements Inspected {
  script: string | null = "/srv/orders.mjs";
  isBusy = false;
  isClosed = false;
  askCount = 0;
  /** Threads beside the main one, and those that do not answer. */
  threadIds: readonly number[] = [];
  silentThreadIds: readonly number[] = [];
  /** Its clock, and when that is read. */
  nowMs = 50;

  info(): Promise<readonly ThreadAnswer<ThreadInfo>[]> {
    const thread = { isMainThread: true, script: this.script, title: "node" } as ThreadInfo;
    return this.#answer([thread]);
  }

  sockets(): Promise<readonly ThreadAnswer<SocketReport>[]> {
    this.askCount++;
    return this.#answer([
      { id: 1, endpoints: [], peers: [], waiting: {}, ...FLOWS } as unknown as SocketReport,
    ]);
  }

  findings(): Promise<readonly ThreadAnswer<Finding>[]> {
    return this.#answer([]);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  #answer<T>(list: T[]): Promise<readonly ThreadAnswer<T>[]> {
    if (this.isBusy) return Promise.reject(new Error("no answer"));
    const answering = [0, ...this.threadIds].filter((threadId) => !this.silentThreadIds.includes(threadId));
    return Promise.resolve(answering.map((threadId) => ({ threadId, nowMs: this.nowMs, omitted: 0, list })));
  }
}
