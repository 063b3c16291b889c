// Views of sockets as the rules read them, made by hand for what is hard to provoke.

import type { EndpointView, FlowView, PeerView, SocketView } from "../../../../src/core/socket-view.ts";
import type { Ground, Patience } from "../../../../src/services/explain/rule.ts";
import { PATIENCE } from "../../../../src/services/explain/rule.ts";

export const NO_FLOW: FlowView = { accepted: 0, delivered: 0, queued: 0, dropped: {} };

export function ground(patience: Partial<Patience> = {}, names: Partial<Ground> = {}): Ground {
  return {
    isBoundHere: () => false,
    otherContexts: () => 0,
    ...names,
    patience: { ...PATIENCE, ...patience },
  };
}

export const NO_SECURITY: SocketView["security"] = {
  mechanism: "NULL",
  role: null,
  username: null,
  publicKey: null,
  serverKey: null,
  zapDomain: null,
};

export function viewOf(given: Partial<SocketView> = {}): SocketView {
  return {
    id: 1,
    type: "PUSH",
    label: "Push tcp://127.0.0.1:5555",
    isClosed: false,
    ageMs: 1000,
    ioMode: "loop",
    routingId: "",
    options: {},
    security: NO_SECURITY,
    endpoints: [],
    peers: [],
    peerCount: given.peers?.length ?? 0,
    sent: NO_FLOW,
    received: NO_FLOW,
    waiting: { sends: 0, receives: 0, sendsAgeMs: null },
    facts: {},
    losses: [],
    lonely: {
      lostCount: 0,
      firstLostAgeMs: null,
      endedAgeMs: null,
      peer: null,
      firstAgeMs: null,
      beforeFirst: 0,
    },
    lateOptions: [],
    unroutableId: null,
    unmatchedTopic: null,
    outOfStep: { count: 0, ageMs: null },
    postedCount: 0,
    events: [],
    ...given,
  };
}

export function peerView(given: Partial<PeerView> = {}): PeerView {
  return {
    endpoint: "tcp://127.0.0.1:5555",
    address: "tcp://127.0.0.1:40000",
    type: null,
    routingId: "",
    outgoing: false,
    live: true,
    sent: NO_FLOW,
    received: NO_FLOW,
    sendHighWaterMark: 1000,
    receiveHighWaterMark: 1000,
    attachedAgeMs: 0,
    liveAgeMs: 0,
    subscribedAgeMs: null,
    heardAgeMs: null,
    givenBefore: 0,
    facts: {},
    ...given,
  };
}

export function endpointView(given: Partial<EndpointView> = {}): EndpointView {
  return {
    endpoint: "tcp://127.0.0.1:5555",
    kind: "connect",
    attemptCount: 0,
    failureCount: 0,
    handshakeCount: 0,
    disconnectCount: 0,
    refusalCount: 0,
    briefCount: 0,
    ageMs: 0,
    handshakeAgeMs: null,
    disconnectAgeMs: null,
    lastError: null,
    lastErrorAgeMs: null,
    lastErrorPeer: null,
    unsentCount: 0,
    ...given,
  };
}
