import type { PullOptions, SubscriberOptions } from "../../index.ts";
import { Pull, Subscriber } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, UsageError } from "../command.ts";
import { ENDPOINT_DETAILS, ENDPOINT_OPTIONS, takePlaces } from "../messaging/endpoints.ts";
import { FORMAT_DETAILS, FORMAT_OPTIONS, RAW_OPTION, toFormat } from "../messaging/format.ts";
import { RECEIVE_OPTIONS, receiveAll, receivedExit } from "../messaging/incoming.ts";
import { live } from "../messaging/life.ts";
import { printMessages } from "../messaging/printing.ts";
import type { Secured } from "../messaging/secured.ts";
import { secured } from "../messaging/secured.ts";
import { SECURITY_DETAILS, SECURITY_OPTIONS } from "../messaging/security.ts";
import { SETTING_OPTIONS, toSettings } from "../messaging/settings.ts";

const TAKE_OPTIONS = {
  ...ENDPOINT_OPTIONS,
  ...RECEIVE_OPTIONS,
  ...FORMAT_OPTIONS,
  ...RAW_OPTION,
  ...SETTING_OPTIONS,
  ...SECURITY_OPTIONS,
} as const satisfies OptionTable;

const DETAILS = `${ENDPOINT_DETAILS}

${FORMAT_DETAILS}

${SECURITY_DETAILS}`;

async function receive(
  { values, positionals, io, console }: Call<typeof TAKE_OPTIONS>,
  security: Secured,
  make: (settings: Record<string, unknown>) => Pull | Subscriber,
  unreadIsNews: boolean,
): Promise<number> {
  const { places, rest } = takePlaces(values, positionals);
  if (rest[0] !== undefined) throw new UsageError(`"${rest[0]}" is too much: this command sends nothing.`);
  const format = toFormat(values, console.isJson);
  const settings = toSettings(values, { sends: false, receives: true }, security);
  return live({
    io,
    console,
    places,
    make: () => security.guard(make(settings)),
    async run(socket, work) {
      const end = await receiveAll({
        socket,
        count: values.count,
        timeoutMs: values.timeout,
        signal: io.signal,
        async onMessages(messages) {
          work.receivedCount += messages.length;
          await printMessages(messages, format, console);
        },
      });
      return receivedExit(end, work.receivedCount, values.count, io.signal);
    },
    unreadIsNews,
  });
}

export const pull: Command = defineCommand({
  usage: "[options] ENDPOINT",
  details: `${DETAILS}

What is on its way when the command ends is lost: with --count it takes no more ahead than it needs.`,
  options: TAKE_OPTIONS,
  examples: [
    "zmq pull @tcp://*:5555",
    "zmq pull tcp://127.0.0.1:5555 --count 1 --timeout 5s",
    "zmq pull -b ipc:///tmp/jobs --json | jq .frames",
    "zmq pull @tcp://*:5555 --raw --count 1 > picture.png",
    "zmq pull @tcp://*:5555 --curve-server --curve-cert server.cert --authorized-keys clients/",
  ],
  run: secured((call, security) => {
    const { count } = call.values;
    // A message that is taken ahead is one that no other worker gets.
    const ahead = count !== undefined && count < 1000 ? { receiveHighWaterMark: count } : {};
    const make = (settings: object): Pull => new Pull({ ...ahead, ...settings } as Partial<PullOptions>);
    return receive(call, security, make, true);
  }),
});

export const sub: Command = defineCommand({
  usage: "[options] ENDPOINT",
  details: DETAILS,
  options: {
    topic: {
      kind: "text",
      short: "t",
      value: "PREFIX",
      multiple: true,
      help: "what the first frame begins with; all messages if not given",
    },
    ...TAKE_OPTIONS,
  },
  examples: [
    "zmq sub tcp://127.0.0.1:5556",
    "zmq sub tcp://127.0.0.1:5556 -t weather -t traffic --json",
    "zmq sub @tcp://*:5556 --count 10 --timeout 30s",
  ],
  run: secured((call, security) => {
    const { topic } = call.values;
    const make = (settings: Record<string, unknown>): Subscriber => {
      const socket = new Subscriber(settings as Partial<SubscriberOptions>);
      socket.subscribe(...topic);
      return socket;
    };
    return receive(call, security, make, false);
  }),
});
