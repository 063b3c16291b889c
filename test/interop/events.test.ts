import assert from "node:assert/strict";
import { inBothRoles, withPeers } from "./harness.ts";
import type { PeerSocket } from "./peer.ts";
import { until } from "./waiting.ts";

const watched = { monitor: true };

async function names(socket: PeerSocket): Promise<string[]> {
  return (await socket.events()).map((event) => event.type);
}

/** Waits until the socket has seen `expected` and asserts that there was nothing else between them. */
async function assertEvents(socket: PeerSocket, expected: readonly string[]): Promise<void> {
  await until(`events ${expected.join(", ")}`, async () => {
    return (await names(socket)).length >= expected.length || undefined;
  }).catch(() => undefined);
  assert.deepEqual((await names(socket)).slice(0, expected.length), expected);
}

/** The order of libzmq (features of its monitor, executed), for both ends of a connection that lives and dies. */
withPeers(
  (it) => {
    inBothRoles(
      it,
      ["server", "client"],
      "the life of a connection",
      async (scope, openServer, openClient) => {
        const server = await openServer("PULL", {}, watched);
        const client = await openClient("PUSH", { reconnectInterval: 60_000 }, watched);
        const endpoint = await scope.join(server, client);
        const clientLife = ["connect:delay", "connect", "handshake", "disconnect", "connect:retry"];
        await assertEvents(server, ["bind", "accept", "handshake"]);
        await assertEvents(client, clientLife.slice(0, 3));
        await server.close();
        await assertEvents(client, clientLife);

        const events = await client.events();
        for (const event of events) assert.equal(event.address, endpoint, event.type);
        const retry = events.at(-1)?.interval ?? 0;
        assert.ok(retry >= 60_000 && retry < 120_000, `retry after ${retry} ms`);
      },
    );

    inBothRoles(it, ["server", "client"], "the client goes", async (scope, openServer, openClient) => {
      const server = await openServer("REP", {}, watched);
      const client = await openClient("REQ");
      const endpoint = await scope.join(server, client);
      const [answer] = await Promise.all([client.exchange([["hello"]]), server.echo(1)]);
      assert.deepEqual(answer, [["'hello'"]]);
      await client.close();
      await assertEvents(server, ["bind", "accept", "handshake", "disconnect"]);
      for (const event of await server.events()) assert.equal(event.address, endpoint, event.type);
    });

    it("our client is refused by the kernel, again and again", async (scope) => {
      const endpoint = await scope.freeEndpoint();
      const client = await scope.our("DEALER", { reconnectInterval: 20 }, watched);
      await client.connect(endpoint);
      await assertEvents(client, [
        "connect:delay",
        "close",
        "connect:retry",
        "connect:delay",
        "close",
        "connect:retry",
      ]);
      const server = await scope.their("DEALER");
      await server.bind(endpoint);
      await until("handshake", async () => (await names(client)).includes("handshake") || undefined);
    });
  },
  { wire: "over inproc there is no connection to be made, accepted or tried again" },
);
