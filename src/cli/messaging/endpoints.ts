import type { Socket } from "../../index.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Console } from "../console.ts";

export const ENDPOINT_OPTIONS = {
  bind: { kind: "text", short: "b", value: "ENDPOINT", multiple: true, help: "listen there" },
  connect: { kind: "text", short: "c", value: "ENDPOINT", multiple: true, help: "connect there" },
} as const satisfies OptionTable;

export const ENDPOINT_DETAILS = `The first argument is the endpoint, unless --bind or --connect is given: tcp://host:port
or ipc:///path connects there, and with @ before it (@tcp://*:5555) binds there.`;

/** Where to go. */
export interface Place {
  readonly endpoint: string;
  readonly isBound: boolean;
}

export interface Places {
  readonly places: readonly Place[];
  /** The arguments that are no endpoint. */
  readonly rest: readonly string[];
}

/** The endpoints of a call. */
export function takePlaces(
  { bind, connect }: ValuesOf<typeof ENDPOINT_OPTIONS>,
  positionals: readonly string[],
): Places {
  const named = [
    ...bind.map((endpoint) => ({ endpoint, isBound: true })),
    ...connect.map((endpoint) => ({ endpoint, isBound: false })),
  ];
  if (named.length > 0) return { places: named.map(checked), rest: positionals };
  const [first, ...rest] = positionals;
  if (first === undefined) {
    throw new UsageError("An endpoint is missing, for example tcp://127.0.0.1:5555 or @tcp://*:5555.");
  }
  return { places: [toPlace(first)], rest };
}

/** `@` binds and `>` connects, which is also what happens without either. */
export function toPlace(text: string): Place {
  return checked({ endpoint: text.replace(/^[@>]/, ""), isBound: text.startsWith("@") });
}

function checked(place: Place): Place {
  const { endpoint } = place;
  if (endpoint.startsWith("inproc://")) {
    throw new UsageError(`${endpoint} cannot be reached: inproc is for sockets of one process.`);
  }
  if (!/^[a-z]+:\/\/./.test(endpoint)) {
    throw new UsageError(`"${endpoint}" is no endpoint; tcp://127.0.0.1:5555 and ipc:///tmp/feed are.`);
  }
  return place;
}

/** Binds and connects. Says where it listens: a wildcard has become a real address. */
export async function open(socket: Socket, places: readonly Place[], console: Console): Promise<void> {
  for (const { endpoint, isBound } of places) {
    if (isBound) {
      await socket.bind(endpoint);
      console.note(`listening at ${socket.lastEndpoint}`, { endpoint: socket.lastEndpoint });
    } else {
      socket.connect(endpoint);
    }
  }
}

/** The endpoints in a sentence. */
export function nameOf(places: readonly Place[]): string {
  return places.map(({ endpoint }) => endpoint).join(", ");
}
