import type { OptionTable, ValuesOf } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Secured } from "./secured.ts";

export const SETTING_OPTIONS = {
  hwm: {
    kind: "number",
    value: "N",
    help: "messages that may wait for each peer; 0 is unlimited (default 1000)",
  },
  heartbeat: {
    kind: "duration",
    help: "ask silent peers so often whether they are there; those that do not answer are given up",
  },
  set: {
    kind: "text",
    value: "NAME=VALUE",
    multiple: true,
    help: "any other socket option, for example --set reconnectInterval=500",
  },
} as const satisfies OptionTable;

export const LINGER_OPTION = {
  linger: {
    kind: "duration",
    initial: -1,
    min: -1,
    help: "how long to go on sending what waits at the end; -1 until it is sent. Ctrl-C bounds it to 1s",
  },
} as const satisfies OptionTable;

export const IDENTITY_OPTION = {
  identity: {
    kind: "text",
    short: "i",
    value: "ID",
    help: "the routing id, by which a ROUTER knows this socket",
  },
} as const satisfies OptionTable;

type Given = ValuesOf<typeof SETTING_OPTIONS> &
  Partial<ValuesOf<typeof LINGER_OPTION> & ValuesOf<typeof IDENTITY_OPTION>>;

export interface Directions {
  readonly sends: boolean;
  readonly receives: boolean;
}

/** The options of the socket. What a value may be is the package's to say. */
export function toSettings(
  given: Given,
  { sends, receives }: Directions,
  security?: Pick<Secured, "settings">,
): Record<string, unknown> {
  const settings: Record<string, unknown> = { ...security?.settings };
  if (given.hwm !== undefined && sends) settings["sendHighWaterMark"] = given.hwm;
  if (given.hwm !== undefined && receives) settings["receiveHighWaterMark"] = given.hwm;
  if (given.heartbeat !== undefined) settings["heartbeatInterval"] = given.heartbeat;
  if (given.identity !== undefined) settings["routingId"] = given.identity;
  if (given.linger !== undefined) settings["linger"] = given.linger;
  for (const assignment of given.set) {
    const at = assignment.indexOf("=");
    if (at <= 0) throw new UsageError(`--set takes NAME=VALUE, not "${assignment}".`);
    settings[assignment.slice(0, at)] = toValue(assignment.slice(at + 1));
  }
  return settings;
}

function toValue(text: string): unknown {
  if (/^-?\d+$/.test(text)) return Number(text);
  const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
  return Object.hasOwn(words, text) ? words[text] : text;
}
