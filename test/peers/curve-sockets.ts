// Sockets of ours that speak CURVE, each with a raw peer made by tweetnacl, in the states of a handshake.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { encodeZ85 } from "../../src/crypto/z85.ts";
import type { Socket } from "../../src/index.ts";
import { Dealer } from "../../src/index.ts";
import type { InitiateChanges, Keys } from "./curve-octets.ts";
import { CurveClientPeer, CurveServerPeer, newKeys } from "./curve-octets.ts";
import * as zmtp from "./octets.ts";
import { RawListener, RawPeer } from "./raw-peer.ts";
import { closing } from "./sockets.ts";

/** The permanent keys of every server here. */
export const SERVER_KEYS: Keys = newKeys();
const GREETING = zmtp.greeting({ mechanism: "CURVE" });
const METADATA = Buffer.concat([zmtp.property("Socket-Type", "DEALER"), zmtp.property("Identity", "")]);

export function command(body: Uint8Array): Buffer {
  return zmtp.frame(zmtp.COMMAND, body);
}

export function serverOptions(): { curveServer: true; curveSecretKey: string } {
  return { curveServer: true, curveSecretKey: encodeZ85(SERVER_KEYS.secretKey) };
}

/** Codes and statuses of the handshakes that fail at a socket from now on. */
export function errorsOf(socket: Socket): string[] {
  const errors: string[] = [];
  socket.events.on("handshake:error:protocol", ({ error }) => errors.push(error.code));
  socket.events.on("handshake:error:auth", ({ error }) => errors.push(String(error.status)));
  return errors;
}

export async function bindServer(t: TestContext, options: object = {}): Promise<{ server: Dealer }> {
  const server = closing(t, new Dealer({ ...serverOptions(), receiveTimeout: 5000, ...options }));
  await server.bind("tcp://127.0.0.1:*");
  return { server };
}

/** A client's connection, greeted. */
export interface MetServer {
  readonly peer: RawPeer;
  readonly script: CurveClientPeer;
}

export async function greetServer(
  t: TestContext,
  server: Dealer,
  permanent?: Keys,
  transient?: Keys,
): Promise<MetServer> {
  const peer = await RawPeer.connect(server.lastEndpoint);
  t.after(() => peer.destroy());
  peer.send(GREETING);
  return { peer, script: new CurveClientPeer(SERVER_KEYS.publicKey, permanent, transient) };
}

/** ... and welcomed. */
export async function meetServer(
  t: TestContext,
  server: Dealer,
  permanent?: Keys,
  transient?: Keys,
): Promise<MetServer & { readonly welcome: Uint8Array }> {
  const { peer, script } = await greetServer(t, server, permanent, transient);
  peer.send(command(script.hello()));
  await peer.heard(() => peer.frames.length > 0, "WELCOME");
  const welcome = peer.frames[0]?.body as Uint8Array;
  assert.ok(script.takeWelcome(welcome));
  return { peer, script, welcome };
}

/** ... and let in. */
export async function enter(
  t: TestContext,
  server: Dealer,
  changes: InitiateChanges = {},
  permanent?: Keys,
): Promise<MetServer & { readonly ready: Uint8Array }> {
  const { peer, script } = await meetServer(t, server, permanent);
  peer.send(command(script.initiate({ metadata: METADATA, ...changes })));
  await peer.heard(() => peer.frames.length > 1, "READY");
  return { peer, script, ready: peer.frames[1]?.body as Uint8Array };
}

/** A server's connection to a client of ours. */
export interface MetClient {
  readonly client: Dealer;
  /** The client's permanent keys. */
  readonly permanent: Keys;
  readonly peer: RawPeer;
  readonly script: CurveServerPeer;
}

export async function acceptClient(
  t: TestContext,
  listener?: RawListener,
  options: object = {},
): Promise<MetClient> {
  const at = listener ?? (await RawListener.open());
  if (listener === undefined) t.after(() => at.close());
  const permanent = newKeys();
  const client = closing(
    t,
    new Dealer({
      curveServerKey: encodeZ85(SERVER_KEYS.publicKey),
      curveSecretKey: encodeZ85(permanent.secretKey),
      ...options,
    }),
  );
  client.connect(at.endpoint);
  const peer = await at.accept();
  peer.send(GREETING);
  return { client, permanent, peer, script: new CurveServerPeer(SERVER_KEYS) };
}

/** The server's script as far as the client's INITIATE; greets if nothing was said yet. */
export async function welcomeClient(
  peer: RawPeer,
): Promise<{ script: CurveServerPeer; initiate: Uint8Array; welcome: Uint8Array }> {
  const script = new CurveServerPeer(SERVER_KEYS);
  if (peer.socket.bytesWritten === 0) peer.send(GREETING);
  await peer.heard(() => peer.frames.length > 0, "HELLO");
  assert.ok(script.takeHello(peer.frames[0]?.body as Uint8Array));
  const welcome = script.welcome();
  peer.send(command(welcome));
  await peer.heard(() => peer.frames.length > 1, "INITIATE");
  return { script, initiate: peer.frames[1]?.body as Uint8Array, welcome };
}
