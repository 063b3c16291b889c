import type { Socket } from "../../index.ts";
import {
  Dealer,
  Pair,
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Router,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import type { Place } from "../messaging/endpoints.ts";
import { open, toPlace } from "../messaging/endpoints.ts";
import { asUsage, close } from "../messaging/life.ts";
import { tellLosses } from "../messaging/losses.ts";
import type { Secured } from "../messaging/secured.ts";
import { secured } from "../messaging/secured.ts";
import { SECURITY_OPTIONS } from "../messaging/security.ts";
import { SETTING_OPTIONS, toSettings } from "../messaging/settings.ts";
import { pause } from "../pause.ts";

const TELL_EVERY_MS = 1_000;

const PROXY_OPTIONS = {
  frontend: {
    kind: "text",
    short: "f",
    value: "TYPE@ENDPOINT",
    help: "the first socket: router@tcp://*:5555 binds, router>tcp://host:5555 connects",
  },
  backend: { kind: "text", short: "b", value: "TYPE@ENDPOINT", help: "the second socket" },
  capture: {
    kind: "text",
    short: "c",
    value: "TYPE@ENDPOINT",
    help: "a socket that gets a copy of every message: pub, push, dealer or pair",
  },
  control: {
    kind: "text",
    value: "TYPE@ENDPOINT",
    help: "a socket that takes PAUSE, RESUME, TERMINATE and STATISTICS: rep (if no type is given), pair, dealer, pull or sub",
  },
  ...SETTING_OPTIONS,
  ...SECURITY_OPTIONS,
  secure: {
    kind: "text",
    value: "SIDE",
    multiple: true,
    help: "frontend, backend, capture or control: the sides that speak the mechanism; all if not given",
  },
} as const satisfies OptionTable;

type ProxyCall = Call<typeof PROXY_OPTIONS>;
type Settings = Record<string, unknown>;

type Types = Readonly<Record<string, (settings: Settings) => Socket>>;

const TYPES: Types = {
  router: (settings) => new Router(settings),
  dealer: (settings) => new Dealer(settings),
  xsub: (settings) => new XSubscriber(settings),
  xpub: (settings) => new XPublisher(settings),
  pull: ({ sendHighWaterMark: _unused, ...settings }) => new Pull(settings),
  push: ({ receiveHighWaterMark: _unused, ...settings }) => new Push(settings),
  pub: ({ receiveHighWaterMark: _unused, ...settings }) => new Publisher(settings),
  pair: (settings) => new Pair(settings),
};

/** What can steer a proxy. */
const CONTROL_TYPES: Types = {
  rep: (settings) => new Reply(settings),
  pair: (settings) => new Pair(settings),
  dealer: (settings) => new Dealer(settings),
  pull: ({ sendHighWaterMark: _unused, ...settings }) => new Pull(settings),
  sub({ sendHighWaterMark: _unused, ...settings }) {
    const socket = new Subscriber(settings);
    socket.subscribe();
    return socket;
  },
};

/** The three devices of the guide, by their names there. */
const DEVICES: Readonly<Record<string, readonly [front: string, back: string]>> = {
  queue: ["router", "dealer"],
  forwarder: ["xsub", "xpub"],
  streamer: ["pull", "push"],
};

const SIDES = ["frontend", "backend", "capture", "control"] as const;

interface Side {
  readonly name: (typeof SIDES)[number];
  readonly make: (settings: Settings) => Socket;
  readonly place: Place;
}

/** `router@tcp://...`; or an endpoint, which is bound unless `>` stands before it. */
function toSide(name: Side["name"], text: string, type?: string, types: Types = TYPES): Side {
  const found = /^(?:([a-z]+)(?=[@>]))?([@>]?)([a-z]+:\/\/.*)$/.exec(text);
  const given = found?.[1] || type;
  const make = given !== undefined && Object.hasOwn(types, given) ? types[given] : undefined;
  if (found === null || make === undefined) {
    const what = name === "control" ? "control of a proxy" : "socket for a proxy";
    const names = Object.keys(types).join(", ");
    throw new UsageError(`"${text}" is no ${what}: TYPE@ENDPOINT is, where TYPE is one of ${names}.`);
  }
  return { name, make, place: toPlace(`${found[2] || "@"}${found[3]}`) };
}

function toSides({ values, positionals }: ProxyCall): Side[] {
  const [device, front, back, ...more] = positionals;
  const capture = values.capture === undefined ? [] : [toSide("capture", values.capture, "pub")];
  if (values.frontend !== undefined && values.backend !== undefined && device === undefined) {
    return [toSide("frontend", values.frontend), toSide("backend", values.backend), ...capture];
  }
  const types = device === undefined ? undefined : DEVICES[device];
  if (types === undefined || front === undefined || back === undefined || more.length > 0) {
    throw new UsageError(
      `A proxy needs --frontend and --backend, or ${Object.keys(DEVICES).join(", ")} and two endpoints.`,
    );
  }
  return [toSide("frontend", front, types[0]), toSide("backend", back, types[1]), ...capture];
}

/** What is bound is a server of the mechanism, what connects a client: a side with neither would be in clear text. */
function securityOf({ name, place }: Side, { secure }: ProxyCall["values"], security: Secured): Settings {
  const isMeant = secure.length === 0 || secure.includes(name);
  if (!isMeant || (security.server === null && security.client === null)) return {};
  const found = place.isBound ? security.server : security.client;
  if (found !== null) return found;
  const missing = place.isBound
    ? "bound, and needs --curve-server or --plain-server"
    : "connected, and needs --curve-server-key or --plain-username";
  throw new UsageError(`The ${name} is ${missing}; --secure names the sides that are to be secured.`);
}

function checkSecure({ values: { secure } }: ProxyCall, { server, client }: Secured): void {
  for (const name of secure) {
    if (!SIDES.some((side) => side === name))
      throw new UsageError(`--secure takes one of ${SIDES.join(", ")}, not "${name}".`);
  }
  if (secure.length > 0 && server === null && client === null)
    throw new UsageError("--secure needs a mechanism: --curve-server, for example.");
}

/** The socket that the proxy is steered by. */
function toControl({ values: { control } }: ProxyCall): Side[] {
  return control === undefined ? [] : [toSide("control", control, "rep", CONTROL_TYPES)];
}

async function run(call: ProxyCall, security: Secured): Promise<number> {
  const { io, console, values } = call;
  const sides = toSides(call);
  const all = [...sides, ...toControl(call)];
  checkSecure(call, security);
  const own = all.map((side) => securityOf(side, values, security));
  const settings = { linger: 1_000, ...toSettings(values, { sends: true, receives: true }, security) };
  const sockets: Socket[] = [];
  try {
    await asUsage(async () => {
      for (const [at, { make, place }] of all.entries()) {
        const socket = security.guard(make({ ...settings, ...own[at] }));
        sockets.push(socket);
        await open(socket, [place], console);
      }
    });
    const of = (name: Side["name"]): Socket | undefined =>
      sockets[all.findIndex((side) => side.name === name)];
    const [front, back] = sockets as [Socket, Socket];
    const proxy = new Proxy(front, back, { capture: of("capture"), control: of("control") });
    await forward(proxy, io.signal, (signal) => tellRates(call, sides, sockets, signal));
  } finally {
    await Promise.all(sockets.map((socket) => close(socket)));
  }
  tellEnd(sides, sockets, console);
  return EXIT.ok;
}

/** Until Ctrl-C, or whoever steers the proxy ends it. */
async function forward(
  proxy: Proxy,
  interrupted: AbortSignal,
  tell: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const end = (): void => {
    if (!over.signal.aborted) proxy.terminate();
  };
  const running = proxy.run().finally(() => over.abort());
  if (interrupted.aborted) end();
  else interrupted.addEventListener("abort", end, { once: true });
  await Promise.all([running, tell(AbortSignal.any([interrupted, over.signal]))]);
}

/** Messages of each side, each second: on a terminal in one line that changes, with --json as values. */
async function tellRates(
  { io, console }: Call,
  sides: readonly Side[],
  sockets: readonly Socket[],
  signal: AbortSignal,
): Promise<void> {
  const isLive = io.stderr.isTerminal && !console.isQuiet && !console.isJson;
  if (!isLive && !console.isJson) return;
  let before = counts(sides, sockets);
  let beforeMs = performance.now();
  for (;;) {
    if (!(await pause(TELL_EVERY_MS, signal))) break;
    const now = counts(sides, sockets);
    const seconds = (performance.now() - beforeMs) / 1_000;
    beforeMs = performance.now();
    const rates = now.map(({ name, received, sent }, at) => ({
      name,
      received: Math.round((received - (before[at]?.received ?? 0)) / seconds),
      sent: Math.round((sent - (before[at]?.sent ?? 0)) / seconds),
    }));
    before = now;
    if (console.isJson) await console.printJson({ rates });
    else {
      const parts = rates.map(({ name, received, sent }) => `${name} ${received}/s in, ${sent}/s out`);
      await io.stderr.write(`\r\x1b[K${parts.join("; ")}`);
    }
  }
  if (isLive) await io.stderr.write("\r\x1b[K");
}

function counts(
  sides: readonly Side[],
  sockets: readonly Socket[],
): { name: string; received: number; sent: number }[] {
  return sides.map(({ name }, at) => {
    const { sent, received } = (sockets[at] as Socket).stats();
    return { name, received: received.delivered, sent: sent.delivered };
  });
}

function tellEnd(sides: readonly Side[], sockets: readonly Socket[], console: Console): void {
  const totals = counts(sides, sockets);
  const parts = totals.map(({ name, received, sent }) => `${name} received ${received}, sent ${sent}`);
  console.note(parts.join("; "), { totals });
  for (const socket of sockets) tellLosses(socket.stats(), console, true);
}

export const proxy: Command = defineCommand({
  usage: `[options] queue|forwarder|streamer FRONTEND BACKEND
       zmq proxy [options] --frontend TYPE@ENDPOINT --backend TYPE@ENDPOINT`,
  details: `Forwards messages between two sockets in both directions until Ctrl-C: a queue (router, dealer) for
requests, a forwarder (xsub, xpub) for what is published, a streamer (pull, push) for jobs. Endpoints
are bound; with > before them (>tcp://host:5555) they are connected to.

On a terminal it shows the messages per second, and with --json a line of them each second.

With --control others steer it, by messages of one frame: PAUSE, RESUME, TERMINATE, which ends the
command, and STATISTICS, as zmq_proxy_steerable has them. Whoever reaches that endpoint steers.

With security options, what is bound is a server and what connects is a client, with the same keys;
--secure names the sides that are meant, where others are to stay in clear text.`,
  options: PROXY_OPTIONS,
  examples: [
    "zmq proxy queue tcp://*:5559 tcp://*:5560",
    "zmq proxy forwarder tcp://*:5556 tcp://*:5557 --capture pub@ipc:///tmp/seen",
    "zmq proxy -f 'pull@tcp://*:5555' -b 'push>tcp://10.0.0.7:5555'",
    "zmq proxy queue tcp://*:5559 tcp://*:5560 --control ipc:///run/broker-control",
    "zmq proxy queue tcp://*:5559 ipc:///tmp/work --secure frontend --curve-server --curve-cert server.cert",
  ],
  run: secured(run, () => ({})),
});
