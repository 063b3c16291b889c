import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { ZmqError } from "../../../../src/index.ts";
import { Dealer, Router } from "../../../../src/index.ts";
import { closing, join } from "../../../peers/sockets.ts";

const ONE = { timeoutMs: 20, retries: 0 } as const;

async function failure(client: Dealer, retries = 0): Promise<ZmqError> {
  const error = await client.request("a", { timeoutMs: 20, retries }).then(
    () => assert.fail("a reply"),
    (error: ZmqError) => error,
  );
  assert.equal(error.code, "EAGAIN");
  return error;
}

function dealer(t: TestContext, options = {}): Dealer {
  return closing(t, new Dealer(options));
}

test("without an endpoint: connect first", async (t) => {
  const { message, address } = await failure(dealer(t));
  assert.match(
    message,
    /^Dealer got no reply to 1 attempt \(none of them sent\) in \d+ ms from nowhere: it is not bound/,
  );
  assert.match(message, /Call connect\(\) or bind\(\) before\.$/);
  assert.equal(address, undefined);
});

test("nobody there: the endpoints, what went wrong last, and to start the server", async (t) => {
  const client = dealer(t);
  client.connect("tcp://127.0.0.1:1");
  await client.events.receive();
  await client.bind("inproc://request-failure");
  const error = await failure(client, 1);
  assert.match(
    error.message,
    /2 attempts \(none of them sent\) in \d+ ms from tcp:\/\/127\.0\.0\.1:1 \(no peer connected/,
  );
  assert.match(
    error.message,
    /last error ECONNREFUSED\), inproc:\/\/request-failure \(no peer connected\)\. Start the/,
  );
  assert.equal((error.cause as ZmqError).code, "ECONNREFUSED");
  assert.equal(error.address, "inproc://request-failure");
});

test("a silent server: how many are connected, and to look at it", async (t) => {
  const client = dealer(t);
  const endpoint = await join(closing(t, new Router()), client);
  const { message, cause } = await failure(client);
  assert.match(
    message,
    new RegExp(`to 1 attempt in \\d+ ms from ${endpoint} \\(1 peer connected\\)\\. Look at`),
  );
  assert.equal(cause, undefined);
  const bound = dealer(t);
  await join(bound, closing(t, new Router()));
  const second = closing(t, new Router());
  second.connect(bound.lastEndpoint as string);
  await bound.waitForPeers(2);
  assert.match((await failure(bound)).message, /\(2 peers connected\)/);
});

test("a full server: its high-water mark", async (t) => {
  const client = dealer(t, { sendHighWaterMark: 1 });
  const router = closing(t, new Router({ receiveHighWaterMark: 1 }));
  await join(router, client, "inproc");
  const calls = Array.from({ length: 30 }, () =>
    client.request("a", ONE).catch((error: Error) => error.message),
  );
  assert.match(
    String((await Promise.all(calls)).at(-1)),
    /\(none of them sent\).* at its high-water mark\.$/,
  );
});

test("of many endpoints three are named", async (t) => {
  const client = dealer(t);
  for (const port of [1, 2, 3, 4, 5]) client.connect(`tcp://127.0.0.1:${port}`);
  assert.match((await failure(client)).message, /:1 \([^)]*\), tcp[^)]*\), tcp[^)]*\) and 2 more\. Start/);
});
