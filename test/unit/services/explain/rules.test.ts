import assert from "node:assert/strict";
import { test } from "node:test";
import { DROP_REASONS } from "../../../../src/pipe/pipe.ts";
import type { CatalogEntry } from "../../../../src/services/explain/catalog.ts";
import { CATALOG } from "../../../../src/services/explain/catalog.ts";
import { explainView } from "../../../../src/services/explain/rules.ts";
import { ground, NO_FLOW, viewOf } from "./views.ts";

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
