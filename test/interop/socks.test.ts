import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { after } from "node:test";
import { SocksServer } from "../peers/socks-server.ts";
import { withPeers } from "./harness.ts";
import type { OpenOptions } from "./peer.ts";
import type { Open, Scope } from "./scope.ts";
import { until } from "./waiting.ts";

// A SOCKS proxy between us and libzmq: our own of the tests, and microsocks (Debian: microsocks).

const WIRE = "a connection over inproc has no proxy";
const MICROSOCKS = ["/usr/bin/microsocks", "/usr/local/bin/microsocks"].find((path) => existsSync(path));
const MISSING =
  "microsocks is not installed: `apt-get install microsocks` adds a SOCKS proxy that is not ours";
if (MICROSOCKS === undefined) console.error(`SKIPPED: the SOCKS tests with another proxy: ${MISSING}`);

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The address of a microsocks; the first connection is tried again until it listens. */
async function startMicrosocks(login: readonly string[] = []): Promise<string> {
  const port = await freePort();
  const args = ["-i", "127.0.0.1", "-p", String(port), ...login];
  children.push(spawn(MICROSOCKS as string, args, { stdio: "ignore" }));
  return `127.0.0.1:${port}`;
}

/** Few: microsocks holds small segments back, as TCP does by itself, and each exchange takes 80 ms. */
const EXCHANGE_COUNT = 10;

/** Requests and replies of all sizes, the asking side behind the proxy. */
async function converse(
  scope: Scope,
  openFar: Open,
  openNear: Open,
  nearOptions: OpenOptions,
  endpointOf: (endpoint: string) => string = (endpoint) => endpoint,
): Promise<void> {
  const far = await openFar("REP");
  const near = await openNear("REQ", nearOptions);
  await near.connect(endpointOf(await far.bind(scope.endpoint("tcp"))));
  const requests = Array.from({ length: EXCHANGE_COUNT }, (_, index) => {
    return [`${index}`, "x".repeat(index * 3000)];
  });
  const [answers] = await Promise.all([near.exchange(requests), far.echo(EXCHANGE_COUNT, 5000)]);
  assert.equal(answers.length, EXCHANGE_COUNT);
  assert.deepEqual(
    answers.map(([first]) => first),
    requests.map(([first]) => `'${first}'`),
  );
}

withPeers((it, kind) => {
  for (const login of [false, true]) {
    const given = login ? { socksUsername: "joe", socksPassword: "secret" } : {};
    const wanted = login ? { username: "joe", password: "secret" } : {};
    const how = login ? "with a username and password" : "without a word";

    it(
      `we reach them through a proxy ${how}`,
      async (scope) => {
        const proxy = new SocksServer(wanted);
        await proxy.listen(0);
        try {
          await converse(scope, scope.their, scope.our, { socksProxy: proxy.address, ...given });
          assert.equal(proxy.requests.length, 1);
        } finally {
          await proxy.close();
        }
      },
      { wire: WIRE },
    );

    it(
      `we reach them through microsocks ${how}`,
      async (scope) => {
        const address = await startMicrosocks(login ? ["-u", "joe", "-P", "secret"] : []);
        const options = { socksProxy: address, ...given };
        await converse(scope, scope.their, scope.our, options);
        await converse(scope, scope.their, scope.our, options, (endpoint) =>
          endpoint.replace("127.0.0.1", "localhost"),
        );
      },
      { wire: WIRE, ...(MICROSOCKS === undefined ? { skip: MISSING } : {}) },
    );
  }

  it(
    "microsocks refuses a wrong password and a peer that is not there, in words",
    async (scope) => {
      const address = await startMicrosocks(["-u", "joe", "-P", "secret"]);
      const free = await scope.freeEndpoint("tcp");
      for (const [password, words] of [
        ["guess", /does not accept the username and password/],
        ["secret", /nobody listens there/],
      ] as const) {
        const options = { socksProxy: address, socksUsername: "joe", socksPassword: password, linger: 0 };
        const push = await scope.our("PUSH", options, { monitor: true });
        await push.connect(free);
        await until("the reason", async () => {
          const events = await push.events();
          return events.some((event) => words.test(JSON.stringify(event))) || undefined;
        });
      }
    },
    { wire: WIRE, ...(MICROSOCKS === undefined ? { skip: MISSING } : {}) },
  );

  it(
    "they reach us through the same proxy, which so is one for them too",
    async (scope) => {
      const proxy = new SocksServer({});
      await proxy.listen(0);
      try {
        await converse(scope, scope.our, scope.their, { socksProxy: proxy.address });
        assert.equal(proxy.requests.length, 1);
      } finally {
        await proxy.close();
      }
    },
    { wire: WIRE, ...(kind === "thread" ? { skip: "both sides are ours" } : {}) },
  );
});
