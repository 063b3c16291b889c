import type { DealerOptions, PairOptions, RouterOptions } from "../../index.ts";
import { Dealer, Pair, Router } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, UsageError } from "../command.ts";
import { BOTH_WAYS_OPTIONS, sendAndReceive } from "../messaging/both-ways.ts";
import { ENDPOINT_DETAILS, ENDPOINT_OPTIONS, takePlaces } from "../messaging/endpoints.ts";
import { FORMAT_DETAILS, FORMAT_OPTIONS, RAW_OPTION, toFormat } from "../messaging/format.ts";
import { INPUT_DETAILS, INPUT_OPTIONS, openInput } from "../messaging/input.ts";
import { printMessages } from "../messaging/printing.ts";
import type { Secured } from "../messaging/secured.ts";
import { secured } from "../messaging/secured.ts";
import { SECURITY_DETAILS, SECURITY_OPTIONS } from "../messaging/security.ts";
import { IDENTITY_OPTION, LINGER_OPTION, SETTING_OPTIONS, toSettings } from "../messaging/settings.ts";

const EXCHANGE_OPTIONS = {
  ...ENDPOINT_OPTIONS,
  ...INPUT_OPTIONS,
  echo: { kind: "flag", short: "e", help: "send back what comes, and nothing else" },
  ...BOTH_WAYS_OPTIONS,
  ...FORMAT_OPTIONS,
  ...RAW_OPTION,
  ...LINGER_OPTION,
  ...SETTING_OPTIONS,
  ...SECURITY_OPTIONS,
} as const satisfies OptionTable;

const NAMED_OPTIONS = { ...EXCHANGE_OPTIONS, ...IDENTITY_OPTION } as const satisfies OptionTable;

const DETAILS = `${ENDPOINT_DETAILS}

${INPUT_DETAILS} What comes is printed meanwhile and afterwards, until --count messages have
come, none has come for --timeout, or Ctrl-C.

${FORMAT_DETAILS}

${SECURITY_DETAILS}`;

async function exchange(
  { values, positionals, io, console }: Call<typeof EXCHANGE_OPTIONS>,
  security: Secured,
  make: (settings: Record<string, unknown>) => Dealer | Pair | Router,
): Promise<number> {
  const { places, rest } = takePlaces(values, positionals);
  if (values.echo && rest.length > 0) throw new UsageError("With --echo there is nothing else to send.");
  const format = toFormat(values, console.isJson);
  const settings = toSettings(values, { sends: true, receives: true }, security);
  return sendAndReceive({
    io,
    console,
    places,
    values,
    make: () => security.guard(make(settings)),
    openInput: async (signal) =>
      values.echo ? undefined : openInput(values, rest, format, { stdin: io.stdin, signal }),
    async onMessages(messages, socket, work) {
      await printMessages(messages, format, console);
      if (!values.echo) return;
      await socket.sendMany(messages, { signal: io.signal });
      work.sentCount += messages.length;
    },
  });
}

export const dealer: Command = defineCommand({
  usage: "[options] ENDPOINT [MESSAGE...]",
  details: `${DETAILS}

A REP answers only what begins with an empty frame: -f '' -f hello.`,
  options: NAMED_OPTIONS,
  examples: [
    "zmq dealer tcp://127.0.0.1:5557 hello --count 1",
    "zmq dealer tcp://127.0.0.1:5557 -i worker-1 --echo",
    "zmq dealer tcp://127.0.0.1:5557 -f '' -f hello -n 1 --timeout 2s",
  ],
  run: secured((call, security) =>
    exchange(call, security, (settings) => new Dealer(settings as Partial<DealerOptions>)),
  ),
});

export const router: Command = defineCommand({
  usage: "[options] ENDPOINT [MESSAGE...]",
  details: `${DETAILS}

The first frame of a message is the routing id of the peer that it came from, or is for.`,
  options: NAMED_OPTIONS,
  examples: [
    "zmq router @tcp://*:5557",
    "zmq router @tcp://*:5557 --echo --json",
    "zmq router @tcp://*:5557 -f worker-1 -f 'do it' --count 1",
    `echo '["worker-1", "do it"]' | zmq router @tcp://*:5557 --json`,
  ],
  run: secured((call, security) =>
    exchange(call, security, (settings) => new Router(settings as Partial<RouterOptions>)),
  ),
});

export const pair: Command = defineCommand({
  usage: "[options] ENDPOINT [MESSAGE...]",
  details: DETAILS,
  options: EXCHANGE_OPTIONS,
  examples: ["zmq pair @tcp://*:5558", "zmq pair tcp://127.0.0.1:5558 hello --count 1"],
  run: secured((call, security) =>
    exchange(call, security, (settings) => new Pair(settings as Partial<PairOptions>)),
  ),
});
