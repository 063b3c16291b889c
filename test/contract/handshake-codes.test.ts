// HANDSHAKE_FAILED_PROTOCOL with each of libzmq's numbers, provoked for real; docs/errors.md lists them.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { Event } from "../../src/index.ts";
import { curveKeyPair, Dealer, Pull, Push, Router } from "../../src/index.ts";
import {
  acceptClient,
  bindServer,
  command,
  enter,
  greetServer,
  meetServer,
  SERVER_KEYS,
  welcomeClient,
} from "../peers/curve-sockets.ts";
import * as zmtp from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { RawListener, RawPeer } from "../peers/raw-peer.ts";
import { closing, until, watch } from "../peers/sockets.ts";

const PORT = /^tcp:\/\/127\.0\.0\.1:\d+$/;
type Failure = Extract<Event, { type: "handshake:error:protocol" }>;

async function failureIn(events: readonly Event[]): Promise<Failure> {
  const find = () => events.find(({ type }) => type === "handshake:error:protocol");
  await until("the failure", () => find() !== undefined);
  return find() as Failure;
}

const READY = zmtp.ready("PUSH");
const PLAIN = zmtp.greeting({ mechanism: "PLAIN" });
const DEALER = zmtp.property("Socket-Type", "DEALER");
const encodedKey = curveKeyPair().publicKey;

/** What a peer does to a server, or to a client, whose events are watched. */
interface Breach {
  readonly code: string;
  readonly errno: number;
  readonly provoke: (t: TestContext) => Promise<Event[]>;
}

/** Octets to a bound PULL. */
function said(...octets: Buffer[]): Breach["provoke"] {
  return async (t) => {
    const server = closing(t, new Pull());
    const events = watch(server);
    await server.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(server.lastEndpoint);
    t.after(() => peer.destroy());
    peer.send(...octets);
    return events;
  };
}

/** Octets to a client of PLAIN. */
function answered(...octets: Buffer[]): Breach["provoke"] {
  return async (t) => {
    const listener = await RawListener.open();
    t.after(() => listener.close());
    const client = closing(t, new Push({ plainUsername: "joe", plainPassword: "x", linger: 0 }));
    const events = watch(client);
    client.connect(listener.endpoint);
    (await listener.accept()).send(PLAIN, ...octets);
    return events;
  };
}

/** What a client of CURVE does to a server of ours that stands at some point of its handshake. */
function sealed(act: (t: TestContext, server: Dealer) => Promise<void>): Breach["provoke"] {
  return async (t) => {
    const { server } = await bindServer(t);
    const events = watch(server);
    await act(t, server);
    return events;
  };
}

/** What a handler of ZAP answers. */
function zap(frames: (id: Buffer) => (string | Buffer)[]): Breach["provoke"] {
  return async (t) => {
    const context = ownContext();
    const handler = closing(t, new Router({ context }));
    await handler.bind("inproc://zeromq.zap.01");
    const server = closing(t, new Pull({ context, zapDomain: "global" }));
    const events = watch(server);
    await server.bind("tcp://127.0.0.1:*");
    closing(t, new Push({ linger: 0, reconnectInterval: 20_000 })).connect(server.lastEndpoint as string);
    const [asker, , , id] = (await handler.receive()) as [Buffer, Buffer, Buffer, Buffer];
    await handler.send([asker, ...frames(id)]);
    return events;
  };
}

const BREACHES: readonly Breach[] = [
  { code: "ZMTP_UNSPECIFIED", errno: 0x10000000, provoke: said(Buffer.from("GET / HTTP/1.1\r\n\r\n")) },
  {
    code: "ZMTP_UNEXPECTED_COMMAND",
    errno: 0x10000001,
    provoke: said(zmtp.greeting(), zmtp.message("early")),
  },
  {
    code: "ZMTP_INVALID_SEQUENCE",
    errno: 0x10000002,
    provoke: sealed(async (t, server) => {
      const { peer, script } = await enter(t, server);
      peer.send(zmtp.frame(0, script.message(0, "x", 1n)));
    }),
  },
  {
    code: "ZMTP_KEY_EXCHANGE",
    errno: 0x10000003,
    provoke: sealed(async (t, server) => {
      const { peer, script } = await meetServer(t, server);
      peer.send(command(script.initiate({ vouched: [SERVER_KEYS.publicKey, SERVER_KEYS.publicKey] })));
    }),
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    errno: 0x10000011,
    provoke: said(zmtp.greeting(), READY, zmtp.frame(zmtp.COMMAND | zmtp.MORE, "\x04PING\0\0")),
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_MESSAGE",
    errno: 0x10000012,
    provoke: sealed(async (t, server) => {
      const { peer, script } = await enter(t, server);
      peer.send(zmtp.frame(0, script.message(0, "").subarray(0, 20)));
    }),
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_HELLO",
    errno: 0x10000013,
    provoke: sealed(async (t, server) => {
      const { peer, script } = await greetServer(t, server);
      peer.send(command(script.hello().subarray(0, 100)));
    }),
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_INITIATE",
    errno: 0x10000014,
    provoke: sealed(async (t, server) => {
      const { peer, script } = await meetServer(t, server);
      peer.send(command(script.initiate().subarray(0, 100)));
    }),
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_ERROR",
    errno: 0x10000015,
    provoke: answered(zmtp.command("ERROR", "\x09400")),
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_READY",
    errno: 0x10000016,
    provoke: async (t) => {
      const { client, peer } = await acceptClient(t);
      const events = watch(client);
      const { script } = await welcomeClient(peer);
      peer.send(command(script.ready(DEALER).subarray(0, 20)));
      return events;
    },
  },
  {
    code: "ZMTP_MALFORMED_COMMAND_WELCOME",
    errno: 0x10000017,
    provoke: answered(zmtp.command("WELCOME", "too much")),
  },
  {
    code: "ZMTP_INVALID_METADATA",
    errno: 0x10000018,
    provoke: said(zmtp.greeting(), zmtp.command("READY", "\x0bSocket-Ty")),
  },
  {
    code: "ZMTP_CRYPTOGRAPHIC",
    errno: 0x11000001,
    provoke: sealed(async (t, server) => {
      const client = closing(
        t,
        new Dealer({ curveServerKey: encodedKey, curveSecretKey: curveKeyPair().secretKey, linger: 0 }),
      );
      client.connect(server.lastEndpoint as string);
    }),
  },
  { code: "ZMTP_MECHANISM_MISMATCH", errno: 0x11000002, provoke: said(PLAIN) },
  {
    code: "ZAP_UNSPECIFIED",
    errno: 0x20000000,
    provoke: zap((id) => ["no delimiter", "1.0", id, "200", "", "", ""]),
  },
  { code: "ZAP_MALFORMED_REPLY", errno: 0x20000001, provoke: zap((id) => ["", "1.0", id, "200", "", ""]) },
  {
    code: "ZAP_BAD_REQUEST_ID",
    errno: 0x20000002,
    provoke: zap((id) => ["", "1.0", `${id}?`, "200", "", "", ""]),
  },
  { code: "ZAP_BAD_VERSION", errno: 0x20000003, provoke: zap((id) => ["", "2.0", id, "200", "", "", ""]) },
  {
    code: "ZAP_INVALID_STATUS_CODE",
    errno: 0x20000004,
    provoke: zap((id) => ["", "1.0", id, "404", "", "", ""]),
  },
  {
    code: "ZAP_INVALID_METADATA",
    errno: 0x20000005,
    provoke: zap((id) => ["", "1.0", id, "200", "", "", "\x05cut"]),
  },
];

for (const { code, errno, provoke } of BREACHES) {
  test(`HANDSHAKE_FAILED_PROTOCOL ${code}`, async (t) => {
    const { error, address, peer } = await failureIn(await provoke(t));
    assert.deepEqual([error.code, error.errno], [`ERR_${code}`, errno]);
    assert.match(error.message, /^[A-Z].*\.$/s, "a sentence");
    assert.match(error.spec, /^\d+\/[A-Z]/, "and the rule");
    assert.match(address, PORT);
    assert.match(peer, PORT);
  });
}

test("mechanisms that differ, types that cannot meet and keys that differ are named", async (t) => {
  const sentenceOf = async (events: Event[]): Promise<string> => (await failureIn(events)).error.message;
  assert.match(await sentenceOf(await said(PLAIN)(t)), /"PLAIN", this socket NULL/);
  assert.match(await sentenceOf(await said(zmtp.greeting(), zmtp.ready("REQ"))(t)), /"REQ".*PULL cannot/);
  const wrong = BREACHES.find(({ code }) => code === "ZMTP_CRYPTOGRAPHIC") as Breach;
  assert.match(await sentenceOf(await wrong.provoke(t)), /meant for a server with another key/);
});
