// Engines that speak CURVE, in each state of a handshake with a peer made by tweetnacl.

import assert from "node:assert/strict";
import { before } from "node:test";
import { installPlatform } from "../../src/base/platform.ts";
import { loadBoxes } from "../../src/crypto/load-boxes.ts";
import { ADMITTED } from "../../src/security/authenticator.ts";
import { CurveClient } from "../../src/security/curve-client.ts";
import { CurveServer } from "../../src/security/curve-server.ts";
import { CurveClientPeer, CurveServerPeer, newKeys } from "./curve-octets.ts";
import type { ProbeOptions } from "./engine-probe.ts";
import { EngineProbe } from "./engine-probe.ts";
import * as zmtp from "./octets.ts";

export const serverKeys = newKeys();
const clientKeys = newKeys();
/** Of every connection: the peer is no measure of what it costs to make them. */
const clientTransient = newKeys();
const serverTransient = newKeys();
const greeting = zmtp.greeting({ mechanism: "CURVE" });

/** Call it once in a file of tests. */
export function prepareCurve(): void {
  before(async () => {
    // Every handshake has its turn at once here; the queue has a test of its own.
    installPlatform({ now: () => 0, yieldTurn: (callback) => callback() });
    await loadBoxes();
  });
}

/** How octets come: as one, octet by octet, or in two parts. */
export type Give = (probe: EngineProbe, octets: Buffer) => void;

/** So far every offset is cut at: the frame's header and the fields before a box. */
const EVERY_OFFSET_MAX = 64;

export function shapesFor(size: number): Give[] {
  const shapes: Give[] = [
    (probe, octets) => probe.receive(octets),
    (probe, octets) => {
      for (const octet of octets) probe.receive(Uint8Array.of(octet));
    },
  ];
  // A handshake for each shape: every offset of the long ones would take minutes. What is behind is decoded as one piece.
  const step = Math.max(1, Math.ceil((size - EVERY_OFFSET_MAX) / 16));
  for (let at = 1; at < size; at += at < EVERY_OFFSET_MAX || at >= size - 4 ? 1 : step) {
    shapes.push((probe, octets) => {
      probe.receive(octets.subarray(0, at));
      probe.receive(octets.subarray(at));
    });
  }
  return shapes;
}

/** A victim in the state that a row names, and the peer that brought it there. */
export interface Met<Peer> {
  readonly probe: EngineProbe;
  readonly peer: Peer;
}

export const command = (body: Uint8Array): Buffer => zmtp.frame(zmtp.COMMAND, body);

/** A server that has heard nothing yet. */
export function ungreeted(options: ProbeOptions = {}): Met<CurveClientPeer> {
  const identity = {
    socketTypeName: "PULL",
    routingId: new Uint8Array(0),
    announcesIdentity: false,
  } as const;
  const mechanism = new CurveServer(
    identity,
    serverKeys.secretKey,
    (_request, answer) => void answer(ADMITTED),
  );
  const probe = new EngineProbe("PULL", { ...options, mechanism });
  probe.engine.start(0);
  return { probe, peer: new CurveClientPeer(serverKeys.publicKey, clientKeys, clientTransient) };
}

export function server(options?: ProbeOptions): Met<CurveClientPeer> {
  const met = ungreeted(options);
  met.probe.receive(greeting);
  met.probe.takeSent();
  return met;
}

export function welcomed(options?: ProbeOptions): Met<CurveClientPeer> {
  const met = server(options);
  met.probe.receive(command(met.peer.hello()));
  assert.ok(met.peer.takeWelcome(met.probe.takeFrames()[0]!.body));
  return met;
}

export function admitted(options?: ProbeOptions): Met<CurveClientPeer> {
  const met = welcomed(options);
  met.probe.receive(command(met.peer.initiate()));
  assert.ok(met.peer.openReady(met.probe.takeFrames()[0]!.body));
  assert.deepEqual(met.probe.log, ["ready"]);
  return met;
}

export function client(): Met<CurveServerPeer> {
  const peer = new CurveServerPeer(serverKeys, serverTransient);
  const mechanism = new CurveClient(
    { socketTypeName: "PUSH", routingId: new Uint8Array(0), announcesIdentity: false },
    { secretKey: clientKeys.secretKey, serverKey: serverKeys.publicKey },
  );
  const probe = new EngineProbe("PUSH", { mechanism });
  probe.engine.start(0);
  probe.takeSent();
  probe.receive(greeting);
  assert.ok(peer.takeHello(probe.takeFrames()[0]!.body));
  return { probe, peer };
}

export function initiated(): Met<CurveServerPeer> {
  const met = client();
  met.probe.receive(command(met.peer.welcome()));
  assert.ok(met.peer.openInitiate(met.probe.takeFrames()[0]!.body));
  return met;
}

export function connected(): Met<CurveServerPeer> {
  const met = initiated();
  met.probe.receive(command(met.peer.ready()));
  assert.deepEqual(met.probe.log, ["ready"]);
  return met;
}
