import assert from "node:assert/strict";
import { test } from "node:test";
import { DROP_REASONS } from "../../../../src/pipe/pipe.ts";
import type { CatalogEntry } from "../../../../src/services/explain/catalog.ts";
import { CATALOG } from "../../../../src/services/explain/catalog.ts";
import { explainView } from "../../../../src/services/explain/rules.ts";
import { endpointView, ground, NO_FLOW, NO_SECURITY, peerView, viewOf } from "./views.ts";

const entries: readonly (readonly [string, CatalogEntry])[] = Object.entries(CATALOG);

test("every reason of the ledger but conflation is explained: whatever the type, a drop is never silent", () => {
  const shown = new Set<string>();
  for (const reason of DROP_REASONS) {
    if (reason === "conflated") continue;
    assert.ok(
      entries.some(([, { reasons }]) => reasons.includes(reason)),
      reason,
    );
    const flow = { ...NO_FLOW, accepted: 5, dropped: { [reason]: 5 } };
    const lonely = { ...viewOf().lonely, lostCount: reason === "no-subscriber" ? 5 : 0 };
    for (const type of [
      "PUB",
      "XPUB",
      "PUSH",
      "DEALER",
      "ROUTER",
      "REQ",
      "REP",
      "PAIR",
      "XSUB",
      "PULL",
      "SUB",
      "CLIENT",
      "SERVER",
      "RADIO",
      "DISH",
      "SCATTER",
      "GATHER",
      "DGRAM",
      "PEER",
      "CHANNEL",
    ]) {
      const isPublisher = type === "PUB" || type === "XPUB" || type === "RADIO";
      // A publisher loses what has no subscriber; elsewhere that is what was asked for.
      if (reason === "no-subscriber" && !isPublisher) continue;
      if (canSend(type))
        shown.add(assertExplained(viewOf({ type, sent: flow, lonely }), reason, `${type} sent`));
      const isForReceiver = ["peer-gone", "orphaned", "protocol"].includes(reason);
      if (isForReceiver)
        shown.add(assertExplained(viewOf({ type, received: flow }), reason, `${type} received`));
    }
  }
  assert.ok(shown.size >= 7, [...shown].join(", "));
});

function assertExplained(view: ReturnType<typeof viewOf>, reason: string, what: string): string {
  const found = explainView(view, ground()).filter(({ code }) =>
    entries.some(([name, { reasons }]) => name === code && (reasons as readonly string[]).includes(reason)),
  );
  assert.equal(found.length, 1, `${what} ${reason}: ${found.map(({ code }) => code).join(", ")}`);
  const numbers = Object.values(found[0]?.evidence ?? {});
  assert.ok(numbers.includes(5), `${what} ${reason}: ${JSON.stringify(found[0]?.evidence)}`);
  return found[0]?.code ?? "";
}

function canSend(type: string): boolean {
  return !["PULL", "SUB", "DISH", "GATHER"].includes(type);
}

test("a socket to which nothing happened has no finding", () => {
  for (const type of [
    "PUB",
    "SUB",
    "PUSH",
    "PULL",
    "REQ",
    "REP",
    "ROUTER",
    "DEALER",
    "PAIR",
    "XPUB",
    "XSUB",
    "STREAM",
    "CLIENT",
    "SERVER",
    "RADIO",
    "DISH",
    "SCATTER",
    "GATHER",
    "DGRAM",
    "PEER",
    "CHANNEL",
  ])
    assert.deepEqual(
      explainView(viewOf({ type }), ground({ momentMs: 0, connectMs: 0, waitMs: 0, quietMs: 0 })),
      [],
    );
});

/** How often the rules look at an endpoint or peer of a socket with so many, where each of them is in some trouble. */
function lookCount(size: number): { readonly looks: number; readonly codes: ReadonlySet<string> } {
  let looks = 0;
  const counted = <T extends object>(one: T): T =>
    new Proxy(one, {
      get(target, name) {
        looks++;
        return Reflect.get(target, name);
      },
    });
  const old = { ageMs: 60_000, attachedAgeMs: 60_000 };
  const numbers = Array.from({ length: size }, (_, i) => i);
  const endpoints = numbers.map((i) => {
    const endpoint = `${i % 6 === 5 ? "inproc" : "tcp"}://10.0.0.1:${i}`;
    const kinds = [
      {},
      { lastError: { code: null, message: 'The peer is a "PUB" socket; PUSH cannot talk to it.' } },
      { lastError: { code: "ECONNREFUSED", message: "Nobody listens." } },
      { handshakeCount: 1, handshakeAgeMs: 50_000, disconnectAgeMs: 40_000 },
      { handshakeCount: 3, briefCount: 3 },
      {},
    ];
    return counted(endpointView({ ...old, endpoint, ...kinds[i % 6] }));
  });
  const peers = endpoints.map(({ endpoint }) =>
    counted(peerView({ ...old, endpoint, address: endpoint, outgoing: true, live: false, liveAgeMs: null })),
  );
  const events = numbers.map((i) => {
    const event = { address: endpoints[i]?.endpoint ?? null, peer: null, ageMs: 30_000 };
    const error = 'The peer speaks the mechanism "CURVE", this socket PLAIN.';
    if (i % 12 === 0) return counted({ ...event, type: "connect", error: null });
    return counted({ ...event, type: i % 12 === 6 ? "handshake:error:protocol" : "connect:delay", error });
  });
  const view = viewOf({
    security: { ...NO_SECURITY, mechanism: "PLAIN", role: "client" },
    lateOptions: numbers.slice(0, 60).map((i) => ({ name: `option${i}`, ageMs: 10_000 })),
    endpoints,
    peers,
    events,
  });
  looks = 0;
  const codes = new Set(explainView(view, ground()).map(({ code }) => code));
  return { looks, codes };
}

test("the rules look at each endpoint, peer and event a few times, however many there are", () => {
  const few = lookCount(120);
  assert.deepEqual([...few.codes].sort(), [
    "handshake-stalled",
    "hung-up",
    "incompatible-type",
    "inproc-not-bound",
    "late-option",
    "lost-connection",
    "mechanism-mismatch",
    "never-connected",
  ]);
  const many = lookCount(1200);
  assert.ok(many.looks <= 15 * few.looks, `${few.looks} at 120, ${many.looks} at 1200`);
});

test("findings come with their socket and their page, the worst first", () => {
  const view = viewOf({
    id: 7,
    type: "ROUTER",
    label: "Router tcp://127.0.0.1:1",
    postedCount: 1,
    sent: { ...NO_FLOW, accepted: 2, dropped: { unroutable: 2 } },
    peers: [],
    received: { ...NO_FLOW, accepted: 1, dropped: { orphaned: 1 } },
    isClosed: true,
  });
  const found = explainView(view, ground());
  assert.deepEqual(
    found.map(({ code, severity }) => [code, severity]),
    [
      ["unroutable", "error"],
      ["socket-posted", "warning"],
      ["orphaned", "info"],
    ],
  );
  assert.deepEqual(found[0]?.socket, { id: 7, type: "ROUTER", label: "Router tcp://127.0.0.1:1" });
  assert.equal(found[0]?.help, "docs/guide/missing-messages.md#unroutable");
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
});
