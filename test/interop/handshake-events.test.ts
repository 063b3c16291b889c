import assert from "node:assert/strict";
import { curveKeyPair } from "../../src/index.ts";
import type { DriverEvent, SocketType } from "./driver.ts";
import type { Known } from "./harness.ts";
import { withPeers } from "./harness.ts";
import type { OpenOptions, Peer, PeerSocket } from "./peer.ts";
import type { Open, Scope } from "./scope.ts";
import { until } from "./waiting.ts";
import { ZapHandler } from "./zap.ts";

// Handshakes that fail, each in its way: what the two sides tell, in libzmq's order and with its codes. Where we differ
// from libzmq there are two columns, and docs/guide/monitoring.md has the reason.

const RECONNECT_MS = 100;
const [serverKeys, clientKeys, strangeKeys] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
const CURVE_SERVER = {
  curveServer: true,
  curvePublicKey: serverKeys.publicKey,
  curveSecretKey: serverKeys.secretKey,
};
const CURVE_CLIENT = {
  curveServerKey: serverKeys.publicKey,
  curvePublicKey: clientKeys.publicKey,
  curveSecretKey: clientKeys.secretKey,
};
const PLAIN_CLIENT = { plainUsername: "joe", plainPassword: "secret" };

type Names = readonly string[];
type Ending = "final" | "again" | "silent";

interface Situation {
  readonly title: string;
  readonly types?: readonly [SocketType, SocketType];
  /** A domain is the status that the handler answers with. */
  readonly server: OpenOptions;
  readonly client: OpenOptions;
  /** What the server tells behind `bind` and `accept`, and what the client tells behind `connect:delay` and `connect`. */
  readonly serverSays: Names;
  readonly clientSays: Names;
  /** libzmq, where it is otherwise. */
  readonly libzmqServerSays?: Names;
  readonly libzmqClientSays?: Names;
  /** What our client hears of a server of libzmq, where it is otherwise. */
  readonly clientHears?: Names;
  /**
   * final: the same would come again, so our client tries ever more seldom, and libzmq's no more. again: after the usual
   * interval.
   */
  readonly ending: Ending;
  /** What our errors say. */
  readonly serverWords?: RegExp;
  readonly clientWords?: RegExp;
}

const CUT: Names = ["handshake:error:other EPIPE", "disconnect"];
const refused = (status: string): Names => [`handshake:error:auth ${status}`, "disconnect"];
const broken = (code: string): Names => [`handshake:error:protocol ERR_${code}`, "disconnect"];

function refusal(title: string, server: OpenOptions, client: OpenOptions, status: "400" | "500"): Situation {
  return {
    title: `${title}, status ${status}`,
    server: { ...server, zapDomain: status },
    client,
    serverSays: refused(status),
    clientSays: refused(status),
    ending: "final",
    serverWords: new RegExp(`The authenticator refused the peer .*status ${status}: "text"`),
    clientWords: new RegExp(`The peer refused this socket with status ${status}`),
  };
}

const SITUATIONS: readonly Situation[] = [
  refusal("PLAIN", { plainServer: true }, PLAIN_CLIENT, "400"),
  refusal("PLAIN", { plainServer: true }, PLAIN_CLIENT, "500"),
  refusal("CURVE", CURVE_SERVER, CURVE_CLIENT, "400"),
  refusal("CURVE", CURVE_SERVER, CURVE_CLIENT, "500"),
  refusal("NULL", {}, {}, "400"),
  refusal("NULL", {}, {}, "500"),
  {
    title: "PLAIN, status 300",
    server: { plainServer: true, zapDomain: "300" },
    client: PLAIN_CLIENT,
    serverSays: refused("300"),
    clientSays: CUT,
    libzmqServerSays: ["handshake:error:auth 300"],
    clientHears: [],
    ending: "again",
    serverWords: /status 300: "text"/,
    clientWords: /closed the connection during the handshake, before its WELCOME/,
  },
  {
    title: "a ZAP handler that answers nonsense",
    server: { plainServer: true, zapDomain: "999" },
    client: PLAIN_CLIENT,
    serverSays: broken("ZAP_INVALID_STATUS_CODE"),
    clientSays: CUT,
    ending: "again",
    serverWords: /status of a ZAP reply is none of 200, 300, 400 and 500/,
  },
  {
    title: "CURVE, another server's key",
    server: CURVE_SERVER,
    client: { ...CURVE_CLIENT, curveServerKey: strangeKeys.publicKey },
    serverSays: broken("ZMTP_CRYPTOGRAPHIC"),
    clientSays: CUT,
    ending: "again",
    serverWords: /HELLO does not open: it is meant for a server with another key/,
    clientWords: /before its WELCOME.*curveServerKey/,
  },
  {
    title: "a client of NULL at a server of PLAIN",
    server: { plainServer: true },
    client: {},
    serverSays: broken("ZMTP_MECHANISM_MISMATCH"),
    clientSays: broken("ZMTP_MECHANISM_MISMATCH"),
    ending: "final",
    serverWords: /speaks the mechanism "NULL", this socket PLAIN|closed the connection during/,
    clientWords: /speaks the mechanism "PLAIN", this socket NULL|closed the connection during/,
  },
  {
    title: "a client of CURVE at a server of NULL",
    server: {},
    client: CURVE_CLIENT,
    serverSays: broken("ZMTP_MECHANISM_MISMATCH"),
    clientSays: broken("ZMTP_MECHANISM_MISMATCH"),
    ending: "final",
    serverWords: /speaks the mechanism "CURVE", this socket NULL|closed the connection during/,
    clientWords: /speaks the mechanism "NULL", this socket CURVE|closed the connection during/,
  },
  {
    title: "two clients of PLAIN",
    server: PLAIN_CLIENT,
    client: PLAIN_CLIENT,
    serverSays: broken("ZMTP_UNEXPECTED_COMMAND"),
    clientSays: broken("ZMTP_UNEXPECTED_COMMAND"),
    ending: "final",
    serverWords: /a client of PLAIN like this socket: one of the two must be the server/,
    clientWords: /a client of PLAIN like this socket: one of the two must be the server/,
  },
  {
    title: "two servers of CURVE",
    server: { ...CURVE_SERVER, handshakeInterval: 200 },
    client: { ...CURVE_SERVER, handshakeInterval: 20_000 },
    serverSays: ["handshake:error:other ETIMEDOUT", "disconnect"],
    clientSays: CUT,
    libzmqServerSays: ["handshake:error:other EAGAIN", "disconnect"],
    ending: "again",
    serverWords: /did not finish its handshake within 200 ms, and stopped before its HELLO/,
    clientWords: /before its HELLO.*one of the two must be the client/,
  },
  {
    title: "socket types that cannot meet",
    types: ["PULL", "SUB"],
    server: {},
    client: {},
    serverSays: broken("ZMTP_INVALID_METADATA"),
    clientSays: broken("ZMTP_INVALID_METADATA"),
    libzmqServerSays: ["disconnect"],
    libzmqClientSays: ["disconnect"],
    ending: "final",
    serverWords: /The peer is a "SUB" socket; PULL cannot talk to it/,
    clientWords: /The peer is a "PULL" socket; SUB cannot talk to it/,
  },
];

/** Whoever sees that the mechanisms differ closes, maybe before the other side has read his greeting. */
function isSame(seen: string, expected: string): boolean {
  if (seen === expected) return true;
  // Of a time that is over libzmq tells whatever its last system call said.
  if (expected.endsWith("EAGAIN")) return seen === "handshake:error:other EINTR";
  if (expected.endsWith("EPIPE")) return seen === "handshake:error:other ECONNRESET";
  const isCut = /^handshake:error:other (EPIPE|ECONNRESET)$/.test(seen);
  return isCut && expected.endsWith("MECHANISM_MISMATCH");
}

function nameOf({ type, error }: DriverEvent): string {
  return type.startsWith("handshake:error") ? `${type} ${error?.code}` : type;
}

async function expectEvents(
  who: string,
  socket: PeerSocket,
  expected: Names,
): Promise<readonly DriverEvent[]> {
  await until(`${expected.length} events`, async () => {
    return (await socket.events()).length >= expected.length || undefined;
  }).catch(() => undefined);
  const events = (await socket.events()).slice(0, expected.length);
  const seen = events.map(nameOf);
  const isRight =
    expected.length === seen.length && expected.every((name, i) => isSame(seen[i] as string, name));
  if (!isRight) assert.deepEqual(seen, expected, who);
  return events;
}

function checkWords(events: readonly DriverEvent[], words: RegExp | undefined): void {
  const failure = events.find(({ type }) => type.startsWith("handshake:error"));
  if (words !== undefined && failure !== undefined) assert.match(failure.error?.message ?? "", words);
}

interface Sides {
  readonly server: "ours" | "theirs";
  readonly client: "ours" | "theirs";
}

/** libzmq between itself shows that the table is right about it. */
const SIDES: readonly Sides[] = [
  { server: "theirs", client: "theirs" },
  { server: "ours", client: "theirs" },
  { server: "theirs", client: "ours" },
  { server: "ours", client: "ours" },
];

const KNOWN: Known = {
  wire: "over inproc there is no handshake",
  process: "both sides are ours",
};

withPeers(
  (it) => {
    const handlers = new Map<Peer, Promise<ZapHandler>>();
    const openHandler = async (peer: Peer): Promise<void> => {
      let handler = handlers.get(peer);
      if (handler === undefined) {
        handler = ZapHandler.open(
          (type) => peer.open(type),
          ({ domain }) => domain || "200",
        );
        handlers.set(peer, handler);
      }
      (await handler).leave();
    };

    const run = async (scope: Scope, one: Situation, sides: Sides): Promise<void> => {
      const opens: Record<"ours" | "theirs", Open> = { ours: scope.our, theirs: scope.their };
      await openHandler(sides.server === "ours" ? scope.ours : scope.theirs);
      const [serverType, clientType] = one.types ?? ["PULL", "PUSH"];
      const watched = { monitor: true };
      const server = await opens[sides.server](serverType, one.server, watched);
      const options = { ...one.client, reconnectInterval: RECONNECT_MS };
      const client = await opens[sides.client](clientType, options, watched);
      await scope.join(server, client, "tcp");

      const isOurServer = sides.server === "ours";
      const serverSays = isOurServer ? one.serverSays : (one.libzmqServerSays ?? one.serverSays);
      const serverEvents = await expectEvents("server", server, ["bind", "accept", ...serverSays]);
      if (isOurServer) checkWords(serverEvents, one.serverWords);

      const isOurClient = sides.client === "ours";
      const heard = isOurServer ? one.clientSays : (one.clientHears ?? one.clientSays);
      const clientSays = isOurClient ? heard : (one.libzmqClientSays ?? heard);
      const isRetried = clientSays.length > 0 && (isOurClient || one.ending === "again");
      const expected = ["connect:delay", "connect", ...clientSays, ...(isRetried ? ["connect:retry"] : [])];
      const clientEvents = await expectEvents("client", client, expected);
      if (!isOurClient) return;
      checkWords(clientEvents, one.clientWords);
      if (!isRetried) return;
      const { interval = 0 } = clientEvents.at(-1) as DriverEvent;
      // A mismatch that is a cut connection to us is as well a peer that went away.
      if (one.ending === "final" && clientEvents.map(nameOf).includes(clientSays[0] as string))
        assert.ok(interval >= 2 * RECONNECT_MS, `again after ${interval} ms`);
      else assert.ok(interval >= RECONNECT_MS && interval < 2 * RECONNECT_MS, `again after ${interval} ms`);
    };

    for (const one of SITUATIONS)
      for (const sides of SIDES)
        it(
          `${one.title}: ${sides.server} server, ${sides.client} client`,
          (scope) => run(scope, one, sides),
          KNOWN,
        );
  },
  { wire: "over inproc there is no handshake" },
);
