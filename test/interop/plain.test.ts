import assert from "node:assert/strict";
import { withPeers } from "./harness.ts";
import type { OpenOptions, PeerSocket } from "./peer.ts";
import type { Open, Scope } from "./scope.ts";
import { until } from "./waiting.ts";
import { ZapHandler } from "./zap.ts";

// PLAIN and ZAP between us and libzmq: the server's side has the handler, and one process has one at a
// time. security-pairs.test.ts has every pair of socket types.

const SERVER: OpenOptions = { plainServer: true };
const CLIENT: OpenOptions = { plainUsername: "joe", plainPassword: "secret" };
const watched = { monitor: true };

interface Sides {
  readonly openServer: Open;
  readonly openClient: Open;
}

function sidesOf(scope: Scope, server: "our" | "their"): Sides {
  return server === "our"
    ? { openServer: scope.our, openClient: scope.their }
    : { openServer: scope.their, openClient: scope.our };
}

async function names(socket: PeerSocket): Promise<string[]> {
  return (await socket.events()).map((event) => event.type);
}

async function sees(socket: PeerSocket, type: string): Promise<void> {
  await until(type, async () => (await names(socket)).includes(type) || undefined);
}

withPeers(
  (it) => {
    const withHandler = async (
      open: Open,
      decide: (password: string) => string,
      body: (handler: ZapHandler) => Promise<void>,
    ): Promise<void> => {
      const handler = await ZapHandler.open(open, ({ credentials }) => decide(credentials[1] ?? ""));
      try {
        await body(handler);
      } finally {
        await handler.end();
      }
    };
    const bySecret = (password: string): string => (password === "secret" ? "200" : "400");

    for (const server of ["our", "their"] as const) {
      for (const status of ["400", "500"]) {
        it(`status ${status} of ${server} server: both sides tell, and the client is let be`, async (scope) => {
          const { openServer, openClient } = sidesOf(scope, server);
          await withHandler(
            openServer,
            () => status,
            async (handler) => {
              const a = await openServer("PULL", SERVER, watched);
              const b = await openClient("PUSH", { ...CLIENT, plainPassword: "wrong" }, watched);
              await scope.join(a, b, "tcp");
              await sees(a, "handshake:error:auth");
              await sees(b, "handshake:error:auth");
              await new Promise((resolve) => setTimeout(resolve, 400));
              assert.ok(handler.requests.length <= 3, `${handler.requests.length} attempts`);
              assert.ok(!(await names(b)).includes("handshake"));
            },
          );
        });
      }

      it(`status 300 of ${server} server: it tells, and the client tries again until it is let in`, async (scope) => {
        const { openServer, openClient } = sidesOf(scope, server);
        let count = 0;
        await withHandler(
          openServer,
          () => (++count < 3 ? "300" : "200"),
          async () => {
            // A server of libzmq closes only when the handshake has lasted too long.
            const a = await openServer("PULL", { ...SERVER, handshakeInterval: 300 }, watched);
            const b = await openClient("PUSH", { ...CLIENT, reconnectInterval: 20 }, watched);
            await scope.join(a, b, "tcp");
            await b.send([["in the end"]]);
            assert.deepEqual(await a.receive(1), [["'in the end'"]]);
            assert.ok((await names(a)).includes("handshake:error:auth"));
            assert.ok(!(await names(b)).includes("handshake:error:auth"));
          },
        );
      });

      it(`${server} NULL socket with a domain asks, by the address and with its own identity`, async (scope) => {
        const { openServer, openClient } = sidesOf(scope, server);
        let status = "400";
        await withHandler(
          openServer,
          () => status,
          async (handler) => {
            const a = await openServer("ROUTER", { zapDomain: "global", routingId: "server" }, watched);
            const b = await openClient("DEALER", { routingId: "client", reconnectInterval: 20 }, watched);
            const endpoint = await scope.join(a, b, "tcp");
            await sees(a, "handshake:error:auth");
            await sees(b, "handshake:error:auth");
            status = "200";
            const c = await openClient("DEALER", { routingId: "other" });
            await c.connect(endpoint);
            await c.send([["hello"]]);
            assert.deepEqual(await a.receive(1), [["'other'", "'hello'"]]);
            assert.deepEqual(handler.requests[0], {
              domain: "global",
              address: "127.0.0.1",
              identity: "server",
              mechanism: "NULL",
              credentials: [],
            });
          },
        );
      });

      it(`${server} server of PLAIN, a client that speaks NULL: the mechanisms do not match`, async (scope) => {
        const { openServer, openClient } = sidesOf(scope, server);
        await withHandler(openServer, bySecret, async (handler) => {
          const a = await openServer("PULL", SERVER, watched);
          const b = await openClient("PUSH", {}, watched);
          await scope.join(a, b, "tcp");
          // Who sees it first closes, maybe before he has said what he speaks himself.
          await Promise.any([a, b].map((one) => sees(one, "handshake:error:protocol")));
          assert.ok(![...(await names(a)), ...(await names(b))].includes("handshake"));
          assert.deepEqual(handler.requests, []);
        });
      });

      it(`${server} server of PLAIN without a handler lets nobody in`, async (scope) => {
        const { openServer, openClient } = sidesOf(scope, server);
        const a = await openServer("PULL", { ...SERVER, handshakeInterval: 300 }, watched);
        const b = await openClient("PUSH", CLIENT, watched);
        await scope.join(a, b, "tcp");
        await sees(a, "handshake:error:other");
        assert.ok(!(await names(b)).includes("handshake"));
      });
    }
  },
  { concurrency: 1, wire: "over inproc there is no mechanism" },
);
