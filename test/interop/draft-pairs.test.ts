// The draft types with messages of one frame against libzmq and other threads: either as either member, bound or connected.
// pyzmq has no drafts, and the npm package has neither PEER nor CHANNEL: those talk to raw peers (test/contract).

import assert from "node:assert/strict";
import type { SocketType } from "./driver.ts";
import type { MessageReport, MessageSpec } from "./frames.ts";
import { fill, reportAll } from "./frames.ts";
import { withPeers } from "./harness.ts";
import type { PeerSocket } from "./peer.ts";

const corpus: readonly MessageSpec[] = [
  ...[0, 1, 255, 256, 8191, 8192, 65536, 1 << 20].map((size) => [fill(size)]),
  ...Array.from({ length: 300 }, (_, index) => [fill((index * 37) % 1000, index)]),
];

interface Pairing {
  readonly left: SocketType;
  readonly right: SocketType;
  /** The npm package has no such types. */
  readonly isOurs?: boolean;
  talk(left: PeerSocket, right: PeerSocket): Promise<void>;
}

const pairings: readonly Pairing[] = [
  { left: "CLIENT", right: "SERVER", talk: answered },
  { left: "SCATTER", right: "GATHER", talk: oneWay },
  { left: "CHANNEL", right: "CHANNEL", isOurs: true, talk: bothWays },
];

async function oneWay(sender: PeerSocket, receiver: PeerSocket): Promise<void> {
  const [received] = await Promise.all([receiver.receive(corpus.length), sender.send(corpus)]);
  assertSame(received, reportAll(corpus));
}

async function bothWays(left: PeerSocket, right: PeerSocket): Promise<void> {
  await oneWay(left, right);
  await oneWay(right, left);
}

/** The server sends back what it gets, to whom it got it from: first in turn, then all under way at once. */
async function answered(client: PeerSocket, server: PeerSocket): Promise<void> {
  const few = corpus.slice(0, 20);
  const [turns] = await Promise.all([client.exchange(few), server.echo(few.length)]);
  assertSame(turns, reportAll(few));
  const [answers] = await Promise.all([
    client.receive(corpus.length),
    server.echo(corpus.length),
    client.send(corpus),
  ]);
  assertSame(answers, reportAll(corpus));
}

function assertSame(received: readonly MessageReport[], expected: readonly MessageReport[]): void {
  const index = expected.findIndex((message, at) => message.join("|") !== received[at]?.join("|"));
  if (index >= 0)
    assert.deepEqual(received[index], expected[index], `message ${index} of ${expected.length}`);
  assert.equal(received.length, expected.length);
}

withPeers((it, kind, transports) => {
  if (kind === "pyzmq") {
    it("the draft types", async () => undefined, { skip: "pyzmq is built without the draft types" });
    return;
  }
  for (const transport of transports) {
    for (const { left, right, isOurs = false, talk } of pairings) {
      if (isOurs && kind === "native") continue;
      for (const ourSide of left === right ? (["left"] as const) : (["left", "right"] as const)) {
        for (const bound of ["left", "right"] as const) {
          const [our, their] = ourSide === "left" ? [left, right] : [right, left];
          it(`our ${our} ${bound === ourSide ? "binds" : "connects"}, their ${their}, ${transport}`, async (scope) => {
            const mine = await scope.our(our);
            const theirs = await scope.their(their);
            const [first, second] = ourSide === "left" ? [mine, theirs] : [theirs, mine];
            if (bound === "left") await scope.join(first, second, transport);
            else await scope.join(second, first, transport);
            await talk(first, second);
          });
        }
      }
    }

    it(`our SERVER tells several of their CLIENTs apart, ${transport}`, async (scope) => {
      const server = await scope.our("SERVER");
      const clients = await Promise.all([1, 2, 3].map(() => scope.their("CLIENT")));
      await several(server, clients, (binder, connector) => scope.join(binder, connector, transport));
    });

    it(`their SERVER tells several of our CLIENTs apart, ${transport}`, async (scope) => {
      const server = await scope.their("SERVER");
      const clients = await Promise.all([1, 2, 3].map(() => scope.our("CLIENT")));
      await several(server, clients, (binder, connector) => scope.join(binder, connector, transport));
    });
  }
});

async function several(
  server: PeerSocket,
  clients: readonly PeerSocket[],
  join: (server: PeerSocket, client: PeerSocket) => Promise<unknown>,
): Promise<void> {
  for (const client of clients) await join(server, client);
  const told = clients.map((_, number) =>
    corpus.slice(8).map((message) => [...message].map(() => fill(100 + number, number))),
  );
  const answers = await Promise.all([
    ...clients.map(async (client, index) => {
      await client.send(told[index]!.slice(0, 50));
      return client.receive(50);
    }),
    server.echo(50 * clients.length),
  ]);
  clients.forEach((_, index) =>
    assertSame(answers[index] as MessageReport[], reportAll(told[index]!.slice(0, 50))),
  );
}
