import assert from "node:assert/strict";
import { curveKeyPair } from "../../src/index.ts";
import { withPeers } from "./harness.ts";
import type { Pairing } from "./pairings.ts";
import { pairings, shortCorpus } from "./pairings.ts";
import type { OpenOptions, Peer } from "./peer.ts";
import type { Scope, Transport } from "./scope.ts";
import type { ZapRequest } from "./zap.ts";
import { ZapHandler } from "./zap.ts";

// Every legal pair of socket types under CURVE and PLAIN, over every wire: ours as either member, either as the server of
// the mechanism, either bound. Servers of PLAIN ask a handler in their own process.

/** The same between two sockets of libzmq. */
const REQ_SERVER = "a REQ of libzmq that asked its ZAP handler breaks the connection at the first reply";

type Side = "left" | "right";
const SIDES: readonly Side[] = ["left", "right"];

interface Case {
  readonly pairing: Pairing;
  readonly ourSide: Side;
  /** Of the mechanism. */
  readonly server: Side;
  readonly bound: Side;
  readonly transport: Transport;
}

/** Where both members are of one type, which of them is called left means nothing. */
function casesOver(transports: readonly Transport[]): Case[] {
  return transports.flatMap((transport) =>
    pairings.flatMap((pairing) =>
      (pairing.left === pairing.right ? SIDES.slice(0, 1) : SIDES).flatMap((ourSide) =>
        SIDES.flatMap((server) => SIDES.map((bound) => ({ pairing, ourSide, server, bound, transport }))),
      ),
    ),
  );
}

function titleOf(mechanism: string, { pairing, ourSide, server, bound, transport }: Case): string {
  const [first, second] = SIDES.map((side) => {
    const role = `${side === server ? "server" : "client"}, ${side === bound ? "binds" : "connects"}`;
    return `${side === ourSide ? "our" : "their"} ${pairing[side]} (${role})`;
  });
  return `${mechanism}: ${first}, ${second}, ${transport}`;
}

interface Credentials {
  readonly server: OpenOptions;
  readonly client: OpenOptions;
}

let clientCount = 0;

function plainCredentials(): Credentials {
  const plainUsername = `client ${++clientCount}`;
  return { server: { plainServer: true }, client: { plainUsername, plainPassword: "secret" } };
}

const serverKeys = curveKeyPair();

function curveCredentials(): Credentials {
  const { publicKey, secretKey } = curveKeyPair();
  return {
    server: {
      curveServer: true,
      curvePublicKey: serverKeys.publicKey,
      curveSecretKey: serverKeys.secretKey,
    },
    client: { curveServerKey: serverKeys.publicKey, curvePublicKey: publicKey, curveSecretKey: secretKey },
  };
}

async function talk(scope: Scope, one: Case, { server, client }: Credentials): Promise<void> {
  const { pairing, ourSide, bound, transport } = one;
  const open = async (side: Side, options: OpenOptions | undefined) => {
    const role = side === one.server ? server : client;
    return (side === ourSide ? scope.our : scope.their)(pairing[side], { ...options, ...role });
  };
  const left = await open("left", pairing.leftOptions);
  const right = await open("right", pairing.rightOptions);
  await (bound === "left" ? scope.join(left, right, transport) : scope.join(right, left, transport));
  await pairing.talk(left, right, shortCorpus);
}

const WIRE = { wire: "over inproc there is no mechanism" };

withPeers((it, _kind, transports) => {
  for (const one of casesOver(transports))
    it(titleOf("CURVE", one), (scope) => talk(scope, one, curveCredentials()));
}, WIRE);

withPeers((it, kind, transports) => {
  const handlers = new Map<Peer, Promise<ZapHandler>>();
  const handlerOf = (scope: Scope, isOurs: boolean): Promise<ZapHandler> => {
    // Threads are of one context, which has one handler.
    const peer = isOurs || kind === "thread" ? scope.ours : scope.theirs;
    let handler = handlers.get(peer);
    if (handler === undefined) {
      const decide = ({ credentials }: ZapRequest): string => (credentials[1] === "secret" ? "200" : "400");
      handler = ZapHandler.open((type) => peer.open(type), decide);
      handlers.set(peer, handler);
    }
    return handler;
  };
  for (const one of casesOver(transports)) {
    const isTheirs = one.server !== one.ourSide && kind !== "thread";
    const isKnown = isTheirs && one.pairing[one.server] === "REQ";
    it(
      titleOf("PLAIN", one),
      async (scope) => {
        const credentials = plainCredentials();
        const handler = await handlerOf(scope, one.server === one.ourSide);
        handler.leave();
        await talk(scope, one, credentials);
        const name = credentials.client.plainUsername;
        const asked = handler.requests.find((request) => request.credentials[0] === name);
        assert.deepEqual([asked?.mechanism, asked?.credentials], ["PLAIN", [name, "secret"]]);
        if (one.transport === "tcp") assert.equal(asked?.address, "127.0.0.1");
      },
      isKnown ? { skip: REQ_SERVER } : {},
    );
  }
}, WIRE);
