// A link between a socket that the test plays and a port that it plays as well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import type { DatagramHost } from "../../../src/core/datagram-link.ts";
import { DatagramLink } from "../../../src/core/datagram-link.ts";
import type { SocketOptionValues } from "../../../src/core/options.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import type { DatagramEvents, DatagramPort, DatagramTransport } from "../../../src/core/transport.ts";
import type { Pipe, PipeEvents } from "../../../src/pipe/pipe.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { assertConserved, frames, texts } from "../sockets/rig.ts";

const timers: (() => void)[] = [];
installPlatform({
  ...nodePlatform,
  setTimer: (callback) => {
    timers.push(callback);
    return callback as never;
  },
  clearTimer: (timer) => void timers.splice(timers.indexOf(timer as never), 1),
});

class Port implements DatagramPort {
  readonly endpoint = "udp://127.0.0.1:4711";
  waitingCount = 0;
  /** Datagrams wait instead of going out. */
  isSlow = false;
  isClosed = false;
  readonly sent: string[] = [];

  send(datagram: Uint8Array, to: string | null): void {
    this.sent.push(`${to ?? ""}>${Buffer.from(datagram).toString("latin1")}`);
    if (this.isSlow) this.waitingCount++;
  }

  close(): void {
    this.isClosed = true;
    this.waitingCount = 0;
  }
}

class Rig implements PipeEvents {
  readonly log: string[] = [];
  readonly ports: Port[] = [];
  readonly target;
  readonly host: DatagramHost;
  pipe: Pipe | null = null;
  retired: Pipe | null = null;
  refuses = false;
  link!: DatagramLink;
  events!: DatagramEvents;

  constructor(type: SocketType, given: Partial<SocketOptionValues> = {}) {
    const options = { ...createSocketOptions(type, createContextOptions()), ...given };
    const opened = (events: DatagramEvents): Port => {
      this.events = events;
      this.ports.push(new Port());
      return this.port;
    };
    const transport: DatagramTransport = {
      kind: "datagram",
      scheme: "udp",
      checkBind: () => undefined,
      checkConnect: () => undefined,
      bind: (_address, _options, events) => opened(events),
      bindSync: (_address, _options, events) => opened(events),
      connect: (_address, _options, events) => opened(events),
      isSameEndpoint: (a, b) => a === b,
    };
    this.target = { endpoint: "udp://here", address: "here", transport, options };
    this.host = {
      type,
      options,
      typeName: "Test",
      attachPipe: (pipe) => {
        if (this.refuses) return false;
        pipe.events = this;
        this.pipe = pipe;
        this.log.push("attached");
        return true;
      },
      identifyPipe: (pipe) => {
        this.log.push(pipe.live ? "identified" : "not live");
        return true;
      },
      onConnectionLost: () => void this.log.push("audited"),
      refusal: () => "it has one.",
      retirePipe: (pipe) => {
        this.retired = pipe;
        this.log.push("retired");
      },
      onLinkEnded: () => void this.log.push("ended"),
      emit: (event) => void this.log.push(event.type),
      books: { noteReceivedDrop: (_pipe, reason) => void this.log.push(`dropped ${reason}`) },
    };
  }

  get port(): Port {
    return this.ports.at(-1) as Port;
  }

  connect(): this {
    this.link = DatagramLink.connect(this.host, this.target);
    return this;
  }

  bind(): this {
    this.link = DatagramLink.bind(
      this.host,
      this.target,
      (error) => void this.log.push(error?.code ?? "bound"),
    );
    return this;
  }

  send(...texts: string[]): boolean {
    return (this.pipe as Pipe).tryWrite(frames(...texts), false);
  }

  receive(): string[] | undefined {
    return texts((this.pipe as Pipe).tryRead());
  }

  /** As the socket does it on close. */
  letGo(): void {
    (this.pipe as Pipe).close("orphaned");
    this.link.finish();
  }

  onReadable(): void {
    // Read by hand.
  }
  onWritable(): void {
    this.log.push("writable");
  }
  onPeerClosed(): void {
    // Of no concern here.
  }
  onDrained(): void {
    // Likewise.
  }
}

test("a connected endpoint has its pipe at once, and what waits goes out when the port is open", () => {
  const rig = new Rig(SocketType.Radio).connect();
  assert.deepEqual(rig.log, ["attached", "connect:delay"]);
  assert.equal(rig.pipe?.peer.isDatagram, true);
  rig.send("g", "1");
  assert.deepEqual([rig.link.unsentCount, rig.port.sent], [1, []]);
  rig.events.onOpen();
  assert.deepEqual(rig.log.slice(2), ["connect", "identified"]);
  rig.send("g", "2");
  assert.deepEqual(rig.port.sent, [">\x01g1", ">\x01g2"]);
  assert.equal(rig.pipe?.written.delivered, 2);
  assert.equal(rig.link.isRemote, false);
});

test("with immediate the pipe comes with the port", () => {
  const rig = new Rig(SocketType.Radio, { immediate: true }).connect();
  assert.equal(rig.pipe, null);
  rig.events.onOpen();
  assert.deepEqual(rig.log, ["connect:delay", "attached", "connect", "identified"]);
});

test("a name that is not known is asked for again", () => {
  const rig = new Rig(SocketType.Radio).connect();
  rig.send("g", "1");
  rig.events.onOpenFailed(new ZmqError("ENODEV", "no name"));
  assert.deepEqual(rig.log.slice(2), ["close", "connect:retry"]);
  assert.match(String(rig.link.lastError?.message), /no name/);
  timers.pop()?.();
  assert.equal(rig.ports.length, 2);
  rig.events.onOpen();
  assert.deepEqual(rig.port.sent, [">\x01g1"]);
  const never = new Rig(SocketType.Radio, { reconnectInterval: -1 }).connect();
  never.events.onOpenFailed(new ZmqError("ENODEV", "no name"));
  assert.deepEqual(never.log.slice(2), ["close", "ended"]);
});

test("what the system does not take waits, in its hands first and then in the pipe up to the mark", () => {
  const rig = new Rig(SocketType.Radio, { sendHighWaterMark: 100 }).connect();
  rig.events.onOpen();
  rig.port.isSlow = true;
  let count = 0;
  while (rig.send("g", `${count}`)) count++;
  assert.equal(count, 100);
  assert.equal(rig.port.waitingCount, 64);
  assert.equal(rig.link.unsentCount, 100);
  rig.port.isSlow = false;
  rig.port.waitingCount = 0;
  rig.events.onDrain();
  assert.equal(rig.port.sent.length, 100);
  assert.ok(rig.log.includes("writable"));
  assertConserved(rig.pipe as Pipe);
});

test("a datagram that the system refuses is counted and told", () => {
  const rig = new Rig(SocketType.Radio).connect();
  rig.events.onOpen();
  rig.send("g", "1");
  rig.events.onSendFailed(new ZmqError("ENETUNREACH", "no way"));
  assert.equal(rig.pipe?.written.dropped.unroutable, 1);
  assert.equal(rig.pipe?.written.delivered, 0);
  assert.equal(rig.log.at(-1), "audited");
  assert.equal((rig.link.lastError as ZmqError).code, "ENETUNREACH");
});

test("a bound endpoint has its pipe with its port, and is told in the end", () => {
  const rig = new Rig(SocketType.Dish).bind();
  assert.deepEqual(rig.log, []);
  rig.events.onOpen();
  assert.deepEqual(rig.log, ["attached", "bind", "identified", "bound"]);
  assert.equal(rig.link.endpoint, "udp://127.0.0.1:4711");
  rig.letGo();
  assert.deepEqual(rig.log.slice(4), ["retired", "close", "ended"]);
  assert.ok(rig.port.isClosed);
});

test("a bind that fails says so", () => {
  const rig = new Rig(SocketType.Dish).bind();
  rig.events.onOpenFailed(new ZmqError("EADDRINUSE", "taken"));
  assert.deepEqual(rig.log, ["bind:error", "EADDRINUSE", "ended"]);
  const early = new Rig(SocketType.Dish).bind();
  early.link.finish();
  assert.deepEqual(early.log, ["EBADF", "ended"]);
});

test("a socket that takes no further endpoint refuses it, whether it waits for it or not", () => {
  const rig = new Rig(SocketType.Datagram);
  rig.refuses = true;
  rig.bind();
  rig.events.onOpen();
  assert.deepEqual(rig.log.slice(0, 1), ["EINVAL"]);
  assert.ok(rig.port.isClosed);
  assert.throws(() => DatagramLink.bindSync(rig.host, rig.target), /it has one/);
});

test("what comes is received; what is none, or not ours, is counted at once, and takes no room", () => {
  const rig = new Rig(SocketType.Dish, { receiveHighWaterMark: 2 });
  rig.link = DatagramLink.bindSync(rig.host, rig.target);
  (rig.pipe as Pipe).writeControl(frames("\x01g"));
  for (const datagram of ["\x01g1", "\x01x1", "\x09g", "\x01g2", "\x01g3"])
    rig.events.onDatagram(Buffer.from(datagram, "latin1"), "127.0.0.1:9");
  const { received } = rig.pipe as Pipe;
  assert.deepEqual([received.accepted, received.queued], [5, 2]);
  assert.deepEqual(
    [received.dropped["no-subscriber"], received.dropped.protocol, received.dropped.hwm],
    [1, 1, 1],
  );
  assert.deepEqual([rig.receive(), rig.receive(), rig.receive()], [["g", "1"], ["g", "2"], undefined]);
  assert.deepEqual(rig.log.slice(3), ["dropped no-subscriber", "dropped protocol", "dropped hwm"]);
  assert.deepEqual(rig.port.sent, []);
});

test("strangers who write to where a RADIO sends from are not heard", () => {
  const rig = new Rig(SocketType.Radio).connect();
  rig.events.onOpen();
  rig.events.onDatagram(Buffer.from("\x01g1"), "127.0.0.1:9");
  assert.equal(rig.pipe?.received.accepted, 0);
});

test("an end waits for what is to be sent; one that is cut short drops it for its reason", () => {
  const rig = new Rig(SocketType.Radio).connect();
  rig.events.onOpen();
  rig.port.isSlow = true;
  rig.send("g", "1");
  rig.letGo();
  assert.equal(rig.log.includes("ended"), false);
  rig.port.waitingCount = 0;
  rig.events.onDrain();
  assert.equal(rig.log.at(-1), "ended");
  const cut = new Rig(SocketType.Radio).connect();
  cut.send("g", "1");
  cut.letGo();
  cut.link.abort("linger");
  cut.link.abort("linger");
  assert.deepEqual(cut.log.slice(-2), ["retired", "ended"]);
  assert.equal(cut.retired?.written.dropped.linger, 1);
  assertConserved(cut.retired as Pipe);
});
