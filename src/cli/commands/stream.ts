import type { StreamOptions } from "../../index.ts";
import { Stream, ZmqError } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { ENDPOINT_DETAILS, ENDPOINT_OPTIONS, nameOf, takePlaces } from "../messaging/endpoints.ts";
import type { Format } from "../messaging/format.ts";
import { readFrame, showMessage } from "../messaging/format.ts";
import { receiveAll } from "../messaging/incoming.ts";
import { abortable } from "../messaging/input.ts";
import { live } from "../messaging/life.ts";
import { awaitPeers, WAIT_OPTIONS } from "../messaging/outgoing.ts";
import { LINGER_OPTION, SETTING_OPTIONS, toSettings } from "../messaging/settings.ts";

const STREAM_OPTIONS = {
  ...ENDPOINT_OPTIONS,
  hex: { kind: "flag", short: "x", help: "octets are hexadecimal digits, a line for each piece that came" },
  echo: { kind: "flag", short: "e", help: "send back what comes, and nothing else" },
  timeout: { kind: "duration", initial: -1, min: -1, help: "end when nothing has come for so long" },
  ...WAIT_OPTIONS,
  ...LINGER_OPTION,
  ...SETTING_OPTIONS,
} as const satisfies OptionTable;

/** A STREAM and those who are connected to it, as its notices tell. */
class Party {
  /** Settles when somebody has come, or it is all over. */
  readonly first: Promise<void>;
  readonly #socket: Stream;
  readonly #ids: Map<string, Buffer>;
  readonly #signal: AbortSignal;
  readonly #onAllLeft: () => void;
  #announce: () => void;

  constructor(socket: Stream, signal: AbortSignal, onAllLeft: () => void) {
    this.#socket = socket;
    this.#signal = signal;
    this.#ids = new Map();
    this.#onAllLeft = onAllLeft;
    this.#announce = () => undefined;
    this.first = new Promise((resolve) => {
      this.#announce = resolve;
    });
    signal.addEventListener("abort", () => this.#announce(), { once: true });
  }

  /** A message without octets: a connection was made or ended. */
  notice(id: Buffer): void {
    const key = id.toString("latin1");
    if (!this.#ids.delete(key)) {
      this.#ids.set(key, id);
      this.#announce();
    } else if (this.#ids.size === 0) {
      this.#onAllLeft();
    }
  }

  async sendTo(id: Buffer, octets: Buffer): Promise<void> {
    try {
      await this.#socket.send([id, octets], { signal: this.#signal });
    } catch (error) {
      // It has just left.
      if (!(error instanceof ZmqError && error.code === "EHOSTUNREACH")) throw error;
    }
  }

  /** Without octets a message would end the connection. */
  async sendToAll(octets: Buffer): Promise<void> {
    if (octets.length > 0) for (const id of [...this.#ids.values()]) await this.sendTo(id, octets);
  }
}

function shown(id: Buffer, octets: Buffer, format: Format): string | Buffer {
  if (format.isJson) return showMessage([id, octets], format);
  return format.encoding === "hex" ? `${octets.toString("hex")}\n` : octets;
}

async function run({ values, positionals, io, console }: Call<typeof STREAM_OPTIONS>): Promise<number> {
  const { places, rest } = takePlaces(values, positionals);
  if (values.echo && rest.length > 0) throw new UsageError("With --echo there is nothing else to send.");
  const encoding = values.hex ? "hex" : "text";
  const format: Format = { encoding, isJson: console.isJson, isRaw: false, end: "\n", delimiter: undefined };
  const args = rest.map((text) => readFrame(Buffer.from(text), encoding));
  const settings = toSettings(values, { sends: true, receives: true });
  const isClient = places.every(({ isBound }) => !isBound);
  return live({
    io,
    console,
    places,
    make: () => new Stream(settings as Partial<StreamOptions>),
    async run(socket, work) {
      if (isClient && !(await awaitPeers({ socket, values, where: nameOf(places), io, console })))
        return EXIT.nothing;
      const done = new AbortController();
      const signal = AbortSignal.any([io.signal, done.signal]);
      const party = new Party(socket, signal, () => {
        if (isClient) done.abort();
      });
      const send = async (octets: Buffer): Promise<void> => {
        await party.sendToAll(octets);
        work.sentCount++;
      };
      let failure: unknown;
      const sent = sendInput().catch((error: unknown) => {
        if (!signal.aborted) failure = error;
        done.abort();
      });
      const onMessages = async (messages: Buffer[][]): Promise<void> => {
        for (const [id, octets] of messages as [Buffer, Buffer][]) {
          if (octets.length === 0) party.notice(id);
          else await onOctets(id, octets);
        }
      };
      const onOctets = async (id: Buffer, octets: Buffer): Promise<void> => {
        work.receivedCount++;
        await console.write(shown(id, octets, format));
        if (values.echo) await party.sendTo(id, octets);
      };
      const timeoutMs = values.timeout;
      const end = await receiveAll({ socket, count: undefined, timeoutMs, signal, onMessages });
      done.abort();
      await sent;
      if (failure !== undefined) throw failure;
      return end === "timeout" && work.receivedCount === 0 ? EXIT.nothing : EXIT.ok;

      async function sendInput(): Promise<void> {
        if (values.echo) return;
        await party.first;
        if (signal.aborted) return;
        for (const octets of args) await send(octets);
        if (args.length === 0) for await (const chunk of abortable(io.stdin, signal)) await send(chunk);
      }
    },
  });
}

export const stream: Command = defineCommand({
  usage: "[options] ENDPOINT [TEXT...]",
  details: `${ENDPOINT_DETAILS}

Raw TCP: peers that do not speak ZeroMQ's protocol. What is sent are the arguments, or stdin as it
comes; where it binds, to all who are connected. What comes is printed as it is; with --json as
{"frames":[routing id, octets]}. A client ends when the other side does.`,
  options: STREAM_OPTIONS,
  examples: [
    "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | zmq stream tcp://example.com:80",
    "zmq stream @tcp://*:7000 --echo",
    "zmq stream tcp://127.0.0.1:5555 --hex ff00000000000000017f",
  ],
  run,
});
