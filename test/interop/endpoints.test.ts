import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { networkInterfaces } from "node:os";
import { inBothRoles, withPeers } from "./harness.ts";
import type { OpenOptions } from "./peer.ts";

interface Form {
  readonly bind: string;
  /** What the binder must report as the endpoint that it bound. */
  readonly bound: RegExp;
  /** How a peer gets there, from the port or the whole of what was bound; by default as it was reported. */
  readonly connect?: (bound: string) => string;
  readonly options?: OpenOptions;
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) => {
  return addresses?.some(({ address }) => address === "::1");
});
const ipv6 = { ipv6: true };

function port(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf(":") + 1);
}

const forms: readonly Form[] = [
  { bind: "tcp://127.0.0.1:*", bound: /^tcp:\/\/127\.0\.0\.1:\d+$/ },
  { bind: "tcp://127.0.0.1:0", bound: /^tcp:\/\/127\.0\.0\.1:\d+$/ },
  { bind: "tcp://*:*", bound: /^tcp:\/\/0\.0\.0\.0:\d+$/ },
  {
    bind: "tcp://*:*",
    bound: /^tcp:\/\/0\.0\.0\.0:\d+$/,
    connect: (bound) => `tcp://localhost:${port(bound)}`,
  },
  { bind: "tcp://lo:*", bound: /^tcp:\/\/127\.0\.0\.1:\d+$/ },
  {
    bind: "tcp://127.0.0.1:*",
    bound: /^tcp:\/\/127\.0\.0\.1:\d+$/,
    connect: (bound) => `tcp://127.0.0.1:0;127.0.0.1:${port(bound)}`,
  },
];

const ipv6Forms: readonly Form[] = [
  { bind: "tcp://[::1]:*", bound: /^tcp:\/\/\[::1\]:\d+$/, options: ipv6 },
  {
    bind: "tcp://*:*",
    bound: /^tcp:\/\/\[::\]:\d+$/,
    options: ipv6,
    connect: (bound) => `tcp://[::1]:${port(bound)}`,
  },
  {
    bind: "tcp://*:*",
    bound: /^tcp:\/\/\[::\]:\d+$/,
    options: ipv6,
    connect: (bound) => `tcp://127.0.0.1:${port(bound)}`,
  },
];

const [nodeMajor] = process.versions.node.split(".").map(Number);

/** The ways to write an endpoint that a program may move from one library to the other. */
withPeers(
  (it, _kind, transports) => {
    const all = [...forms, ...(hasIpv6 ? ipv6Forms : [])];
    for (const { bind, bound, options = {}, connect = (endpoint: string) => endpoint } of all) {
      const title = `bind ${bind}, connect ${connect(bound.source).replaceAll("\\", "")}`;
      inBothRoles(it, ["binder", "connector"], title, async (_scope, openBinder, openConnector) => {
        const binder = await openBinder("DEALER", options);
        const connector = await openConnector("DEALER", options);
        const endpoint = await binder.bind(bind);
        assert.match(endpoint, bound);
        await connector.connect(connect(endpoint));
        await connector.send([["ping"]]);
        assert.deepEqual(await binder.receive(1), [["'ping'"]]);
        await binder.send([["pong"]]);
        assert.deepEqual(await connector.receive(1), [["'pong'"]]);
      });
    }

    if (process.platform === "linux") {
      const known = { skip: "Node 20 fills abstract names up with zeros, so that libzmq does not find them" };
      inBothRoles(
        it,
        ["binder", "connector"],
        "a name in the abstract namespace",
        async (_scope, openBinder, openConnector) => {
          const binder = await openBinder("DEALER");
          const connector = await openConnector("DEALER");
          // The name is machine-wide, and several runs may be under way.
          const name = `ipc://@interop ${randomUUID()}`;
          assert.equal(await binder.bind(name), name);
          await connector.connect(name);
          await connector.send([["ping"]]);
          assert.deepEqual(await binder.receive(1), [["'ping'"]]);
        },
        nodeMajor < 22 ? known : undefined,
      );
    }

    inBothRoles(
      it,
      ["DEALER", "ROUTER"],
      "one socket, several endpoints",
      async (scope, openDealer, openRouter) => {
        const router = await openRouter("ROUTER");
        const endpoints: string[] = [];
        for (const transport of transports) endpoints.push(await router.bind(scope.endpoint(transport)));
        for (const endpoint of endpoints) {
          const dealer = await openDealer("DEALER", { routingId: endpoint.slice(0, 3) });
          await dealer.connect(endpoint);
          await dealer.send([["hello"]]);
          assert.deepEqual(await router.receive(1), [[`'${endpoint.slice(0, 3)}'`, "'hello'"]]);
        }
      },
    );

    if (transports.includes("ipc")) {
      // libzmq makes the file in its working directory, where TMPDIR does not say otherwise.
      it("our ipc://* is a path that their socket can reach", async (scope) => {
        const pull = await scope.our("PULL");
        const push = await scope.their("PUSH");
        const endpoint = await pull.bind("ipc://*");
        assert.match(endpoint, /^ipc:\/\/\/.+$/);
        await push.connect(endpoint);
        await push.send([["hello"]]);
        assert.deepEqual(await pull.receive(1), [["'hello'"]]);
      });

      // libzmq would take the path away from whoever listens there.
      it("we do not take an ipc path from their socket", async (scope) => {
        const theirs = await scope.their("PULL");
        const endpoint = await theirs.bind(scope.endpoint("ipc"));
        await assert.rejects((await scope.our("PULL")).bind(endpoint), { code: "EADDRINUSE" });
        const push = await scope.our("PUSH");
        await push.connect(endpoint);
        await push.send([["still there"]]);
        assert.deepEqual(await theirs.receive(1), [["'still there'"]]);
      });
    }

    inBothRoles(
      it,
      ["binder", "latecomer"],
      "a port in use is in use",
      async (scope, openBinder, openLatecomer) => {
        const first = await openBinder("PULL");
        const second = await openLatecomer("PULL");
        const endpoint = await first.bind(scope.endpoint("tcp"));
        await assert.rejects(second.bind(endpoint), { code: "EADDRINUSE" });
        const push = await openLatecomer("PUSH");
        await push.connect(endpoint);
        await push.send([["still there"]]);
        assert.deepEqual(await first.receive(1), [["'still there'"]]);
      },
    );
  },
  { wire: "about the forms of tcp and ipc endpoints" },
);
