// RADIO and DISH with libzmq and with other threads, over connections and over udp, and DGRAM. pyzmq has no drafts.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { hasMulticast, NO_MULTICAST } from "../peers/multicast.ts";
import type { MessageReport, MessageSpec } from "./frames.ts";
import { fill, hex, report, reportAll } from "./frames.ts";
import { withPeers } from "./harness.ts";
import type { PeerSocket } from "./peer.ts";
import type { Open } from "./scope.ts";
import { until } from "./waiting.ts";

const MARKER: MessageSpec = ["marker", "marker"];
const MARKER_REPORT = report(["marker", "marker"])[0];

/** A radio of libzmq does not say who has joined, and a dish of it that binds joins when it is next called. */
async function untilJoined(radio: PeerSocket, dish: PeerSocket): Promise<void> {
  await until("member of the group", async () => {
    await radio.send([MARKER]);
    return (await dish.receive(1, 10)).length > 0 || undefined;
  });
}

function assertSame(received: readonly MessageReport[], expected: readonly MessageReport[]): void {
  const index = expected.findIndex((message, at) => message.join("|") !== received[at]?.join("|"));
  if (index >= 0)
    assert.deepEqual(received[index], expected[index], `message ${index} of ${expected.length}`);
  assert.equal(received.length, expected.length);
}

const GROUPS = ["tv", "t", hex("ff01fe"), "g".repeat(255), ""];
/** Every size at which framing changes, and every group. */
const wanted: readonly MessageSpec[] = [
  ...[0, 1, 255, 256, 8192, 65_536].map((size) => ["tv", fill(size)]),
  ...GROUPS.map((group) => [group, "body"]),
  ...Array.from({ length: 300 }, (_, index) => ["t", fill((index * 37) % 1000, index)]),
];
const unwanted: readonly MessageSpec[] = [
  ["tvx", "longer"],
  [hex("ff01"), "shorter"],
  ["g".repeat(254), "shorter"],
];

async function talk(radio: PeerSocket, dish: PeerSocket): Promise<void> {
  // libzmq's groups are text that ends with a zero octet; those that are none are not tried.
  await dish.subscribe("marker", ...GROUPS);
  await untilJoined(radio, dish);
  const [received] = await Promise.all([
    dish.receive(wanted.length, undefined, MARKER_REPORT),
    radio.send([...unwanted, ...wanted]),
  ]);
  assertSame(received, reportAll(wanted));
  await dish.unsubscribe("tv");
  await until("end of the membership", async () => {
    await radio.send([
      ["tv", "maybe"],
      ["t", "end"],
    ]);
    const got = await dish.receive(1, 500, MARKER_REPORT);
    return got[0]?.join("|") === reportAll([["t", "end"]])[0]?.join("|") || undefined;
  });
}

/** A port that nobody has: libzmq does not tell which one it took. */
async function freeUdp(host: string): Promise<string> {
  const socket = createSocket("udp4");
  socket.bind(0, "0.0.0.0");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return `udp://${host}:${port}`;
}

/** libzmq 4.3.5 reads the size of a group as a signed octet: a datagram with a longer one ends its process. */
const LONGEST_OVER_UDP = "g".repeat(127);

const datagrams: readonly MessageSpec[] = [
  ["tv", ""],
  ["tv", "hello"],
  ["", "no name"],
  [LONGEST_OVER_UDP, fill(8064)],
  ["tv", fill(8189)],
];

async function overUdp(open: readonly [Open, Open], host: string): Promise<void> {
  const [radio, dish] = await Promise.all([open[0]("RADIO"), open[1]("DISH")]);
  const endpoint = await freeUdp(host);
  await dish.bind(endpoint);
  await dish.subscribe("tv", "", LONGEST_OVER_UDP, "marker");
  await radio.connect(endpoint);
  await untilJoined(radio, dish);
  for (const datagram of datagrams) {
    await radio.send([["nobody's", "x"], datagram]);
    assertSame(await dish.receive(1, 10_000, MARKER_REPORT), reportAll([datagram]));
  }
}

const noMulticast = (await hasMulticast()) ? {} : { skip: NO_MULTICAST };

withPeers((it, kind, transports) => {
  if (kind === "pyzmq") {
    it("RADIO, DISH and DGRAM", async () => undefined, { skip: "pyzmq is built without the draft types" });
    return;
  }
  for (const transport of transports) {
    for (const role of ["RADIO", "DISH"] as const) {
      for (const binds of ["RADIO", "DISH"] as const) {
        it(`our ${role}, the ${binds} binds, ${transport}`, async (scope) => {
          const radio = await (role === "RADIO" ? scope.our : scope.their)("RADIO", {
            sendHighWaterMark: 10_000,
          });
          const dish = await (role === "DISH" ? scope.our : scope.their)("DISH");
          if (binds === "RADIO") await scope.join(radio, dish, transport);
          else await scope.join(dish, radio, transport);
          await talk(radio, dish);
        });
      }
    }

    it(`our DISH hears two of their radios, and joins again when it is connected anew, ${transport}`, async (scope) => {
      const dish = await scope.our("DISH");
      await dish.subscribe("marker");
      for (let round = 0; round < 2; round++) {
        const radio = await scope.their("RADIO");
        const endpoint = await scope.join(radio, dish, transport);
        await untilJoined(radio, dish);
        await dish.disconnect(endpoint);
      }
    });
  }

  it("our RADIO, their DISH, udp", (scope) => overUdp([scope.our, scope.their], "127.0.0.1"));
  it("our DISH, their RADIO, udp", (scope) => overUdp([scope.their, scope.our], "127.0.0.1"));
  it(
    "our RADIO, their DISH, multicast",
    (scope) => overUdp([scope.our, scope.their], "239.192.7.14"),
    noMulticast,
  );
  it(
    "our DISH, their RADIO, multicast",
    (scope) => overUdp([scope.their, scope.our], "239.192.7.15"),
    noMulticast,
  );

  it("our DGRAM and theirs answer each other", async (scope) => {
    const [mine, theirs] = await Promise.all([scope.our("DGRAM"), scope.their("DGRAM")]);
    const endpoints = [await freeUdp("127.0.0.1"), await freeUdp("127.0.0.1")] as const;
    await mine.bind(endpoints[0]);
    await theirs.bind(endpoints[1]);
    const [here, there] = endpoints.map((endpoint) => endpoint.slice("udp://".length)) as [string, string];
    // libzmq opens the port some time after it said that it was bound, and what comes before is lost.
    for (let tries = 0; tries < 20; tries++) {
      await mine.send([[there, "are you there?"]]);
      if ((await theirs.receive(1, 250)).length > 0) break;
    }
    while ((await theirs.receive(1, 100)).length > 0);
    for (const body of ["", "hello", fill(8192)]) {
      await mine.send([[there, body]]);
      const [heard] = await theirs.receive(1, 10_000);
      assert.equal(heard?.[1], reportAll([[body]])[0]?.[0]);
      await theirs.send([[here, body]]);
      const [answer] = await mine.receive(1, 10_000);
      // libzmq ends an address with a zero octet; we do not.
      assert.deepEqual(answer, reportAll([[there, body]])[0]);
    }
    await mine.send([[`${there}\0`, "as libzmq writes it"]]);
    assert.equal((await theirs.receive(1, 10_000)).length, 1);
  });
});
