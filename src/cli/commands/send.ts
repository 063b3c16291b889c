import type { PublisherOptions, PushOptions } from "../../index.ts";
import { Publisher, Push } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT } from "../command.ts";
import { ENDPOINT_DETAILS, ENDPOINT_OPTIONS, nameOf, takePlaces } from "../messaging/endpoints.ts";
import { FORMAT_OPTIONS, toFormat } from "../messaging/format.ts";
import { INPUT_DETAILS, INPUT_OPTIONS, openInput, tellTyping } from "../messaging/input.ts";
import { live } from "../messaging/life.ts";
import { awaitPeers, PACE_OPTIONS, sendAll, WAIT_OPTIONS } from "../messaging/outgoing.ts";
import type { Secured } from "../messaging/secured.ts";
import { secured } from "../messaging/secured.ts";
import { SECURITY_DETAILS, SECURITY_OPTIONS } from "../messaging/security.ts";
import { LINGER_OPTION, SETTING_OPTIONS, toSettings } from "../messaging/settings.ts";

const SEND_OPTIONS = {
  ...ENDPOINT_OPTIONS,
  ...INPUT_OPTIONS,
  ...FORMAT_OPTIONS,
  count: {
    kind: "number",
    short: "n",
    value: "N",
    help: "end after so many messages; those of the command line are repeated up to it, with 0 without end",
  },
  ...PACE_OPTIONS,
  ...WAIT_OPTIONS,
  ...LINGER_OPTION,
  ...SETTING_OPTIONS,
  ...SECURITY_OPTIONS,
} as const satisfies OptionTable;

const DETAILS = `${ENDPOINT_DETAILS}

${INPUT_DETAILS}

${SECURITY_DETAILS}`;

async function send(
  { values, positionals, io, console }: Call<typeof SEND_OPTIONS>,
  security: Secured,
  make: (settings: Record<string, unknown>) => Publisher | Push,
  topic?: Buffer,
): Promise<number> {
  const { places, rest } = takePlaces(values, positionals);
  const format = toFormat(values, console.isJson);
  const settings = toSettings(values, { sends: true, receives: false }, security);
  const input = await openInput(values, rest, format, io, topic === undefined ? [] : [topic]);
  return live({
    io,
    console,
    places,
    make: () => security.guard(make(settings)),
    async run(socket, work) {
      if (!(await awaitPeers({ socket, values, where: nameOf(places), topic, io, console })))
        return EXIT.nothing;
      const onSent = (count: number): void => {
        work.sentCount += count;
      };
      tellTyping(input, io, console);
      const { count } = values;
      try {
        await sendAll({ socket, input, values, count, signal: io.signal, onSent });
      } catch (error) {
        // What repeats without end is meant to be interrupted.
        if (!io.signal.aborted || count !== 0) throw error;
      }
      // All went to nobody: no subscriber had asked for any of it.
      const { accepted, dropped } = socket.stats().sent;
      return accepted > 0 && accepted === dropped["no-subscriber"] ? EXIT.nothing : EXIT.ok;
    },
  });
}

export const push: Command = defineCommand({
  usage: "[options] ENDPOINT [MESSAGE...]",
  details: `${DETAILS}

Each message goes to one of the peers, in turn, and waits while none has room.`,
  options: SEND_OPTIONS,
  examples: [
    "zmq push tcp://127.0.0.1:5555 job-1 job-2",
    "find . -name '*.png' | zmq push @tcp://*:5555",
    "zmq push -b ipc:///tmp/jobs -f head -f body --count 100 --rate 10",
    "zmq push tcp://10.0.0.7:5555 job --curve-server-key server.cert --curve-cert alice",
  ],
  run: secured((call, security) =>
    send(call, security, (settings) => new Push(settings as Partial<PushOptions>)),
  ),
});

export const pub: Command = defineCommand({
  usage: "[options] ENDPOINT [MESSAGE...]",
  details: `${DETAILS}

A publisher sends to those who have subscribed, and to nobody else: so it waits for a subscriber
first, for --wait at most, and ends with 3 if nobody came.`,
  options: {
    topic: { kind: "text", short: "t", value: "TOPIC", help: "the first frame of every message" },
    ...SEND_OPTIONS,
  },
  examples: [
    "zmq pub @tcp://*:5556 'weather: sunny'",
    "zmq pub @tcp://*:5556 --topic weather sunny",
    "vmstat 1 | zmq pub @tcp://*:5556 -t vmstat --wait -1",
    "zmq pub @tcp://*:5556 tick --count 0 --interval 1s",
  ],
  run: secured((call, security) =>
    send(
      call,
      security,
      (settings) => new Publisher(settings as Partial<PublisherOptions>),
      call.values.topic === undefined ? undefined : Buffer.from(call.values.topic),
    ),
  ),
});
