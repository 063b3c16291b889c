import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Pull, Push, Router } from "../../../../../src/index.ts";
import { lateOption } from "../../../../../src/services/explain/rules/usage.ts";
import { codesOf, findings } from "../../../../peers/findings.ts";
import { anyEndpoint, closing, join, TRANSPORTS } from "../../../../peers/sockets.ts";
import { viewOf } from "../views.ts";

test("late-option: an option that was set after bind or connect, and which endpoint it missed", async (t) => {
  for (const transport of TRANSPORTS) {
    const pull = closing(t, new Pull());
    pull.linger = 0;
    await pull.bind(anyEndpoint(transport));
    const endpoint = pull.lastEndpoint as string;
    assert.deepEqual(codesOf(pull), []);
    pull.maxMessageSize = 100;
    const [found] = findings(pull);
    assert.deepEqual([found?.code, found?.severity, found?.endpoint], ["late-option", "warning", endpoint]);
    assert.deepEqual(found?.evidence, { option: "maxMessageSize", endpointCount: 1 });
    await pull.unbind(endpoint);
    await pull.bind(anyEndpoint(transport));
    assert.deepEqual(codesOf(pull), [], "it counts for what is bound later");
  }
});

test("late-option: high-water marks and linger count at once", async (t) => {
  const push = closing(t, new Push());
  await push.bind("tcp://127.0.0.1:*");
  push.sendHighWaterMark = 5;
  push.linger = 0;
  push.sendTimeout = 100;
  assert.deepEqual(codesOf(push), []);
  const lateOptions = [{ name: "ipv6", ageMs: 5 }];
  assert.deepEqual(lateOption(viewOf({ lateOptions, isClosed: true })), []);
});

test("late-option: a routing id that was set after connect", async (t) => {
  const router = closing(t, new Router());
  const dealer = closing(t, new Dealer());
  await join(router, dealer);
  dealer.routingId = "too-late";
  const [found] = findings(dealer);
  assert.deepEqual([found?.evidence["option"], found?.endpoint], ["routingId", router.lastEndpoint]);
  assert.match(
    found?.what ?? "",
    /^routingId was set after connect\("tcp:\S+"\) and does not count there\.$/,
  );
  await router.send(["too-late", "x"]);
  assert.deepEqual(codesOf(router), ["unroutable"]);
});

test("socket-posted: a socket that was to go to another thread", (t) => {
  const push = closing(t, new Push());
  assert.deepEqual(codesOf(push), []);
  assert.throws(() => structuredClone(push), { code: "ENOTSUP" });
  assert.throws(() => new MessageChannel().port1.postMessage(push), { code: "ENOTSUP" });
  const [found] = findings(push);
  assert.deepEqual([found?.code, found?.evidence["attemptCount"]], ["socket-posted", 2]);
  assert.match(found?.remedy ?? "", /inproc/);
});
