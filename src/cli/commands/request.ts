import type { ReplyOptions, RequestOptions } from "../../index.ts";
import { Reply, Request, ZmqError } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { ENDPOINT_DETAILS, ENDPOINT_OPTIONS, nameOf, takePlaces } from "../messaging/endpoints.ts";
import { FORMAT_DETAILS, FORMAT_OPTIONS, RAW_OPTION, readFrame, toFormat } from "../messaging/format.ts";
import { RECEIVE_OPTIONS, receivedExit } from "../messaging/incoming.ts";
import { INPUT_DETAILS, INPUT_OPTIONS, openInput, tellTyping } from "../messaging/input.ts";
import { live } from "../messaging/life.ts";
import { awaitPeers, limited, PACE_OPTIONS, Pace, WAIT_OPTIONS } from "../messaging/outgoing.ts";
import { printMessages } from "../messaging/printing.ts";
import type { Secured } from "../messaging/secured.ts";
import { secured } from "../messaging/secured.ts";
import { SECURITY_DETAILS, SECURITY_OPTIONS } from "../messaging/security.ts";
import { IDENTITY_OPTION, SETTING_OPTIONS, toSettings } from "../messaging/settings.ts";

const REQUEST_OPTIONS = {
  ...ENDPOINT_OPTIONS,
  ...INPUT_OPTIONS,
  timeout: { kind: "duration", initial: 10_000, min: -1, help: "how long to wait for a reply; -1 for ever" },
  retries: { kind: "number", initial: 0, help: "how often to ask again when no reply came" },
  ...FORMAT_OPTIONS,
  ...RAW_OPTION,
  count: {
    kind: "number",
    short: "n",
    value: "N",
    help: "ask so often, repeating the messages; 0 without end",
  },
  ...PACE_OPTIONS,
  ...WAIT_OPTIONS,
  ...IDENTITY_OPTION,
  ...SETTING_OPTIONS,
  ...SECURITY_OPTIONS,
} as const satisfies OptionTable;

/** One request; the reply, or `undefined` if none came in time. */
async function ask(
  socket: Request,
  message: Buffer[],
  { timeout: timeoutMs, retries }: { readonly timeout: number; readonly retries: number },
  signal: AbortSignal,
): Promise<Buffer[]> {
  // A request that may be repeated bears a number, which not every server on a ROUTER expects.
  if (retries > 0) return socket.request(message, { timeoutMs, retries, signal });
  await socket.send(message, { signal });
  return socket.receive({ timeoutMs, signal });
}

async function request(
  { values, positionals, io, console }: Call<typeof REQUEST_OPTIONS>,
  security: Secured,
): Promise<number> {
  const { places, rest } = takePlaces(values, positionals);
  const format = toFormat(values, console.isJson);
  const input = await openInput(values, rest, format, io);
  const settings = toSettings(values, { sends: true, receives: true }, security);
  return live({
    io,
    console,
    places,
    // A request whose reply nobody awaits is not worth waiting for.
    make: () => security.guard(new Request({ linger: 0, ...settings } as Partial<RequestOptions>)),
    async run(socket, work) {
      const where = nameOf(places);
      if (!(await awaitPeers({ socket, values, where, io, console }))) return EXIT.nothing;
      tellTyping(input, io, console);
      const pace = new Pace(values);
      for await (const messages of limited(input, values.count)) {
        for (const message of messages) {
          await pace.next(io.signal);
          work.sentCount++;
          try {
            const reply = await ask(socket, message, values, io.signal);
            work.receivedCount++;
            await printMessages([reply], format, console);
          } catch (error) {
            if (!(error instanceof ZmqError && error.code === "EAGAIN")) throw error;
            const times = values.retries === 0 ? "" : ` to ${values.retries + 1} requests`;
            console.warn(`No reply${times} came from ${where} within ${values.timeout} ms (see --timeout).`);
            return EXIT.nothing;
          }
        }
      }
      return EXIT.ok;
    },
  });
}

export const req: Command = defineCommand({
  usage: "[options] ENDPOINT [MESSAGE...]",
  details: `${ENDPOINT_DETAILS}

${INPUT_DETAILS} Each is sent when the reply to the one before has come; replies are printed.
Without a reply in time the command ends with 3.

${FORMAT_DETAILS}

${SECURITY_DETAILS}`,
  options: REQUEST_OPTIONS,
  examples: [
    "zmq req tcp://127.0.0.1:5557 hello",
    "zmq req tcp://127.0.0.1:5557 hello --timeout 2s --retries 3",
    "zmq req tcp://127.0.0.1:5557 ping --count 0 --interval 1s",
  ],
  run: secured(request),
});

const REPLY_OPTIONS = {
  ...ENDPOINT_OPTIONS,
  reply: {
    kind: "text",
    value: "TEXT",
    multiple: true,
    help: "the reply, a frame for each; if not given, the request",
  },
  ...RECEIVE_OPTIONS,
  ...FORMAT_OPTIONS,
  ...RAW_OPTION,
  ...IDENTITY_OPTION,
  ...SETTING_OPTIONS,
  ...SECURITY_OPTIONS,
} as const satisfies OptionTable;

async function reply(
  { values, positionals, io, console }: Call<typeof REPLY_OPTIONS>,
  security: Secured,
): Promise<number> {
  const { places, rest } = takePlaces(values, positionals);
  if (rest[0] !== undefined) throw new UsageError(`"${rest[0]}" is too much: see --reply.`);
  const format = toFormat(values, console.isJson);
  const fixed = values.reply.map((text) => readFrame(Buffer.from(text), format.encoding));
  const { count, timeout: timeoutMs } = values;
  const settings = toSettings(values, { sends: true, receives: true }, security);
  return live({
    io,
    console,
    places,
    unreadIsNews: true,
    make: () => security.guard(new Reply(settings as Partial<ReplyOptions>)),
    async run(socket, work) {
      while (work.receivedCount !== count) {
        let message: Buffer[];
        try {
          message = await socket.receive({ timeoutMs, signal: io.signal });
        } catch (error) {
          if (!(error instanceof ZmqError)) throw error;
          if (error.code === "ABORT_ERR")
            return receivedExit("aborted", work.receivedCount, count, io.signal);
          if (error.code === "EAGAIN") return receivedExit("timeout", work.receivedCount, count, io.signal);
          throw error;
        }
        work.receivedCount++;
        await printMessages([message], format, console);
        await socket.send(fixed.length > 0 ? fixed : message, { signal: io.signal });
        work.sentCount++;
      }
      return EXIT.ok;
    },
  });
}

export const rep: Command = defineCommand({
  usage: "[options] ENDPOINT",
  details: `${ENDPOINT_DETAILS}

Requests are printed, and answered with --reply, or with themselves.

${FORMAT_DETAILS}

${SECURITY_DETAILS}`,
  options: REPLY_OPTIONS,
  examples: [
    "zmq rep @tcp://*:5557",
    "zmq rep @tcp://*:5557 --reply pong",
    "zmq rep @tcp://*:5557 --count 1 --json",
  ],
  run: secured(reply),
});
