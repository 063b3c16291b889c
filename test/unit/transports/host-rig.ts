// A socket as a pipe transport sees it, and no more: it attaches, identifies, and reads what comes when it is told.

import assert from "node:assert/strict";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import type { SocketOptionValues } from "../../../src/core/options.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import type { PipeHost, PipeLink } from "../../../src/core/transport.ts";
import type { PeerInfo, Pipe, PipeEvents } from "../../../src/pipe/pipe.ts";
import type { InprocTransport } from "../../../src/transports/inproc.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

export class HostRig implements PipeHost, PipeEvents {
  readonly typeName: string;
  readonly options: SocketOptionValues;
  /** Attached pipes, in order. */
  readonly pipes: Pipe[] = [];
  readonly identified = new Set<Pipe>();
  readonly log: string[] = [];
  /** Messages read, of all pipes. */
  readonly messages: string[] = [];
  /** Reads as soon as it is told; otherwise the test reads. */
  readsAtOnce = false;
  refusesAttach = false;
  refusesIdentify = false;
  /** Called in the midst of things. */
  onAttach: ((pipe: Pipe) => void) | null = null;
  onIdentify: ((pipe: Pipe) => void) | null = null;

  constructor(typeName: string, given: Partial<SocketOptionValues> = {}) {
    this.typeName = typeName;
    this.options = { ...createSocketOptions(SocketType.Dealer, createContextOptions()), ...given };
  }

  get pipe(): Pipe {
    const pipe = this.pipes.at(-1);
    assert.ok(pipe, `${this.typeName} has no pipe`);
    return pipe;
  }

  describe(endpoint: string): PeerInfo {
    return {
      endpoint,
      address: `address of ${this.typeName}`,
      socketType: SocketType.Dealer,
      routingId: this.options.routingId,
      outgoing: false,
      properties: undefined,
    };
  }

  attachPipe(pipe: Pipe, link: null): boolean {
    assert.equal(link, null);
    if (this.refusesAttach) return false;
    assert.ok(!this.pipes.includes(pipe), "attached twice");
    this.pipes.push(pipe);
    pipe.events = this;
    this.log.push("attach");
    this.onAttach?.(pipe);
    return true;
  }

  identifyPipe(pipe: Pipe): boolean {
    assert.ok(this.pipes.includes(pipe), "identified before it was attached");
    assert.ok(!this.identified.has(pipe), "identified twice");
    if (this.refusesIdentify) return false;
    this.identified.add(pipe);
    this.log.push("identify");
    this.onIdentify?.(pipe);
    return true;
  }

  onReadable(pipe: Pipe): void {
    assert.ok(this.identified.has(pipe), "a message of a peer that is not known yet");
    this.log.push("readable");
    if (this.readsAtOnce) this.readAll(pipe);
  }

  onWritable(_pipe: Pipe): void {
    this.log.push("writable");
  }

  onPeerClosed(pipe: Pipe): void {
    this.log.push("peer closed");
    if (pipe.unreadCount === 0) pipe.close("peer-gone");
  }

  onDrained(pipe: Pipe): void {
    this.log.push("drained");
    pipe.close("peer-gone");
  }

  connect(transport: InprocTransport, name: string): PipeLink {
    return transport.connect(name, this, null);
  }

  send(text: string, pipe = this.pipe): boolean {
    return pipe.tryWrite([Buffer.from(text)], true);
  }

  /** Sends until the pipe is full: how many went in. */
  fill(limit = 20_000, pipe = this.pipe): number {
    let count = 0;
    while (count < limit && this.send(`m${count}`, pipe)) count++;
    return count;
  }

  readAll(pipe = this.pipe, limit = Number.POSITIVE_INFINITY): string[] {
    const texts: string[] = [];
    while (texts.length < limit) {
      const message = pipe.tryRead();
      if (message === undefined) break;
      texts.push(Buffer.from(message[0] as Uint8Array).toString());
    }
    this.messages.push(...texts);
    return texts;
  }

  takeLog(): string[] {
    return this.log.splice(0);
  }
}
