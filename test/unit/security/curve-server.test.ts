import assert from "node:assert/strict";
import { before, test } from "node:test";
import { inspect } from "node:util";
import { installPlatform } from "../../../src/base/platform.ts";
import { loadBoxes, loadedBoxes } from "../../../src/crypto/load-boxes.ts";
import type { BoxProvider } from "../../../src/crypto/provider.ts";
import type { Answer, Ask } from "../../../src/security/authenticator.ts";
import { ADMITTED } from "../../../src/security/authenticator.ts";
import { CurveServer } from "../../../src/security/curve-server.ts";
import type { InitiateChanges } from "../../peers/curve-octets.ts";
import { CurveClientPeer, newKeys } from "../../peers/curve-octets.ts";
import { NACL, octets } from "../crypto/nacl-vectors.ts";

const keys = newKeys();
let now = 0;

before(async () => {
  installPlatform({ now: () => now, yieldTurn: (callback) => void setImmediate(callback) });
  await loadBoxes();
});

const admit: Ask = (_request, answer) => void answer(ADMITTED);

function serve(ask: Ask = admit, server = keys): CurveServer {
  return new CurveServer(
    { socketTypeName: "PULL", routingId: new Uint8Array(0), announcesIdentity: false },
    server.secretKey,
    ask,
  );
}

/** The command that the server has to say; waits for its turn. */
async function next(server: CurveServer): Promise<Uint8Array | null> {
  const command = server.nextCommand();
  if (command !== null) return command;
  await new Promise((resolve) => setImmediate(resolve));
  return server.nextCommand();
}

/** A server that waits for INITIATE. */
async function welcomed(ask?: Ask, client = new CurveClientPeer(keys.publicKey)) {
  const server = serve(ask);
  server.receive(client.hello());
  const welcome = await next(server);
  assert.ok(client.takeWelcome(welcome as Uint8Array));
  return { server, client };
}

async function ready(client = new CurveClientPeer(keys.publicKey)) {
  const { server } = await welcomed(undefined, client);
  server.receive(client.initiate());
  const command = (await next(server)) as Uint8Array;
  assert.ok(client.openReady(command));
  return { server, client };
}

/** The code of the error that ends the handshake with this INITIATE. */
async function refusalOf(changes: InitiateChanges, client?: CurveClientPeer): Promise<string> {
  const { server, client: peer } = await welcomed(undefined, client);
  return fault(async () => {
    server.receive(peer.initiate(changes));
    await next(server);
  });
}

async function fault(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return "no error";
}

test("a client that keeps to 26/CURVEZMQ comes in, and both sides' messages open", async () => {
  const asked: unknown[] = [];
  const ask: Ask = (request, answer) => {
    asked.push(request);
    answer(ADMITTED);
  };
  const { server, client } = await welcomed(ask);
  assert.equal(server.isComplete, false);
  server.receive(client.initiate());
  const command = (await next(server)) as Uint8Array;
  assert.equal(Buffer.from(client.openReady(command)!).toString("latin1"), "\x0bSocket-Type\0\0\0\x04PULL");
  assert.ok(server.isComplete);
  assert.equal(String(Buffer.from(server.peerProperties.find("Socket-Type")!)), "PUSH");
  assert.deepEqual(asked, [{ mechanism: "CURVE", credentials: [client.permanent.publicKey] }]);
  const codec = server.codec!;
  assert.equal(Buffer.from(codec.open(client.message(1, "hello"))).toString(), "hello");
  assert.equal(codec.openedFlags, 1);
  const target = new Uint8Array(codec.overhead + 3);
  codec.seal(4, Buffer.from("abc"), target, 0);
  assert.deepEqual(Buffer.from(client.openMessage(target)!), Buffer.from("\x02abc"));
});

test("G02: a HELLO of another size, version, padding or name", async () => {
  const client = new CurveClientPeer(keys.publicKey);
  const bend = (change: (hello: Buffer) => Buffer) => change(client.hello());
  const flip = (at: number, value: number) =>
    bend((hello) => {
      hello[at] = value;
      return hello;
    });
  for (const [hello, code] of [
    [bend((one) => one.subarray(0, 6)), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [bend((one) => one.subarray(0, 7)), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [bend((one) => one.subarray(0, 199)), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [bend((one) => Buffer.concat([one, Buffer.alloc(1)])), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [flip(6, 2), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [flip(7, 1), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [flip(8, 1), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [flip(79, 1), "ERR_ZMTP_MALFORMED_COMMAND_HELLO"],
    [flip(5, 0x50), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    [Buffer.alloc(200), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    [Buffer.alloc(0), "ERR_ZMTP_UNEXPECTED_COMMAND"],
  ] as const) {
    assert.equal(await fault(() => serve().receive(hello)), code, hello.toString("latin1"));
  }
});

test("G03: a HELLO for another server, with a bent box, or with keys of small order", async () => {
  const code = (hello: Uint8Array, server = serve()) =>
    fault(async () => {
      server.receive(hello);
      await next(server);
    });
  const forged = "ERR_ZMTP_CRYPTOGRAPHIC";
  assert.equal(await code(new CurveClientPeer(newKeys().publicKey).hello()), forged);
  for (const at of [80, 111, 112, 119, 120, 199]) {
    const hello = new CurveClientPeer(keys.publicKey).hello();
    hello[at]! ^= 1;
    // The last octet of the nonce makes it zero.
    assert.equal(await code(hello), at === 119 ? "ERR_ZMTP_INVALID_SEQUENCE" : forged, `octet ${at}`);
  }
  for (const point of [
    new Uint8Array(32),
    octets(NACL.smallOrder),
    Uint8Array.of(1, ...new Uint8Array(31)),
  ]) {
    const transient = { ...newKeys(), publicKey: point };
    assert.equal(await code(new CurveClientPeer(keys.publicKey, newKeys(), transient).hello()), forged);
  }
  const signed = new CurveClientPeer(keys.publicKey).hello(1n, new Uint8Array(64).fill(1));
  assert.equal(await code(signed), forged, "a signature that is not zero");
  assert.equal(await code(new CurveClientPeer(keys.publicKey).hello(0n)), "ERR_ZMTP_INVALID_SEQUENCE");
  const { server, client } = await welcomed();
  const smallC = { claimed: octets(NACL.smallOrder) };
  assert.equal(
    await fault(async () => {
      server.receive(client.initiate(smallC));
      await next(server);
    }),
    forged,
    "C of small order",
  );
});

test("G04: commands out of turn", async () => {
  const unexpected = "ERR_ZMTP_UNEXPECTED_COMMAND";
  const stranger = new CurveClientPeer(keys.publicKey);
  for (const command of [
    stranger.initiate(),
    stranger.message(0, "x"),
    Buffer.from("\x05READY"),
    Buffer.from("\x05ERROR\0"),
  ])
    assert.equal(await fault(() => serve().receive(command)), unexpected);
  const waiting = serve();
  waiting.receive(stranger.hello());
  assert.equal(await fault(() => waiting.receive(stranger.hello())), unexpected, "HELLO twice, at once");
  const { server, client } = await welcomed();
  assert.equal(await fault(() => server.receive(client.hello())), unexpected, "HELLO after WELCOME");
  assert.equal(
    await fault(() => server.receive(client.message(0, "x"))),
    unexpected,
    "MESSAGE before INITIATE",
  );
  const silent = await welcomed(() => undefined);
  silent.server.receive(silent.client.initiate());
  assert.equal(await next(silent.server), null);
  const early = silent.client.message(0, "x");
  assert.equal(await fault(() => silent.server.receive(early)), unexpected, "MESSAGE before READY");
});

test("G05: an INITIATE cut at every offset", async () => {
  const client = new CurveClientPeer(keys.publicKey);
  const { server } = await welcomed(undefined, client);
  const whole = client.initiate();
  for (let size = 9; size < 257; size++) {
    const code = await fault(() => server.receive(whole.subarray(0, size)));
    assert.equal(code, "ERR_ZMTP_MALFORMED_COMMAND_INITIATE", `${size} octets`);
  }
  for (let size = 257; size < whole.length; size += 3) {
    const { server: other, client: peer } = await welcomed();
    const code = await fault(async () => {
      other.receive(peer.initiate().subarray(0, size));
      await next(other);
    });
    assert.equal(code, "ERR_ZMTP_CRYPTOGRAPHIC", `${size} octets`);
  }
});

test("G06: a cookie that is bent, another connection's, from before a restart, or too old", async () => {
  const forged = "ERR_ZMTP_CRYPTOGRAPHIC";
  for (const at of [0, 15, 16, 95]) {
    const { server, client } = await welcomed();
    client.cookie[at]! ^= 0x10;
    const code = await fault(async () => {
      server.receive(client.initiate());
      await next(server);
    });
    assert.equal(code, forged, `octet ${at}`);
  }
  const one = new CurveClientPeer(keys.publicKey);
  const first = await welcomed(undefined, one);
  const earlierCookie = Uint8Array.from(one.cookie);
  first.server.close();
  one.count = 0n;
  assert.equal(
    await refusalOf({ cookie: earlierCookie }, one),
    forged,
    "of the same client's earlier connection",
  );
  const late = await welcomed();
  now += 59_999;
  late.server.receive(late.client.initiate());
  assert.ok(await next(late.server), "59,999 ms are not too long");
  const tooLate = await welcomed();
  now += 60_000;
  const code = await fault(async () => {
    tooLate.server.receive(tooLate.client.initiate());
    await next(tooLate.server);
  });
  assert.equal(code, forged);
});

test("G08: a vouch for another C' or S, another client's, and one of a key that the client has not", async () => {
  const client = new CurveClientPeer(keys.publicKey);
  const { transient } = client;
  const exchange = "ERR_ZMTP_KEY_EXCHANGE";
  assert.equal(await refusalOf({ vouched: [newKeys().publicKey, keys.publicKey] }, client), exchange);
  client.count = 0n;
  assert.equal(await refusalOf({ vouched: [transient.publicKey, newKeys().publicKey] }, client), exchange);
  client.count = 0n;
  assert.equal(await refusalOf({ vouched: [keys.publicKey, transient.publicKey] }, client), exchange);
  assert.equal(await refusalOf({ voucher: newKeys() }), "ERR_ZMTP_CRYPTOGRAPHIC");
  assert.equal(await refusalOf({ claimed: newKeys().publicKey }), "ERR_ZMTP_CRYPTOGRAPHIC");
});

test("nonces of the handshake must increase", async () => {
  assert.equal(await refusalOf({ count: 1n }), "ERR_ZMTP_INVALID_SEQUENCE");
  assert.equal(await refusalOf({ count: 0n }), "ERR_ZMTP_INVALID_SEQUENCE");
  assert.equal(await refusalOf({ count: 2n ** 53n }), "no error");
});

test("metadata that are none", async () => {
  for (const metadata of ["\0", "\x01a\xff\xff\xff\xff", "\x05ab"]) {
    const code = await refusalOf({ metadata: Buffer.from(metadata, "latin1") });
    // An INITIATE must have 257 octets, so the shortest of these fail for their size.
    assert.match(code, /ERR_ZMTP_INVALID_METADATA/);
  }
});

test("the authenticator's verdict: READY after 200, ERROR after 400 and 500, silence after 300", async () => {
  for (const status of [300, 400, 500] as const) {
    let answer: Answer | null = null;
    const { server, client } = await welcomed((_request, later) => {
      answer = later;
    });
    let calls = 0;
    server.onProgress = () => calls++;
    server.receive(client.initiate());
    assert.equal(await next(server), null);
    assert.equal(server.isComplete, false);
    answer!({ status, text: "no", userId: "", metadata: null });
    assert.equal(calls, 1);
    if (status !== 300)
      assert.equal(Buffer.from(server.nextCommand()!).toString("latin1"), `\x05ERROR\x03${status}`);
    assert.throws(
      () => server.nextCommand(),
      (error: Error & { status: number }) => error.name === "AuthError" && error.status === status,
    );
    assert.equal(server.isComplete, false);
    assert.equal(server.codec, null);
  }
});

test("G18: nothing shows a key", async () => {
  const { server } = await ready();
  const secret = Buffer.from(keys.secretKey);
  for (const shown of [inspect(server, { depth: 9, showHidden: true }), JSON.stringify(server)]) {
    assert.ok(!shown.includes(secret.toString("hex")));
    assert.ok(!shown.includes([...secret.subarray(0, 6)].join(",")));
    assert.ok(!shown.includes([...secret.subarray(0, 6)].join(", ")));
  }
});

test("after close nothing opens and nothing is sealed", async () => {
  const { server, client } = await ready();
  const codec = server.codec!;
  server.close();
  assert.throws(() => codec.open(client.message(0, "x")), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
  assert.throws(() => codec.seal(0, Buffer.from("x"), new Uint8Array(60), 0), /seals nothing/);
});

test("G11: what one connection recorded is worth nothing in the next", async () => {
  const first = await welcomed();
  const initiate = first.client.initiate();
  const message = first.client.message(0, "x");
  first.server.receive(initiate);
  assert.ok(await next(first.server));
  const second = await welcomed();
  const code = await fault(async () => {
    second.server.receive(initiate);
    await next(second.server);
  });
  assert.equal(code, "ERR_ZMTP_CRYPTOGRAPHIC");
  const third = await ready();
  assert.throws(() => third.server.codec!.open(message), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
});

test("a HELLO that does not open leaves no key behind, and one whose nonce is wrong makes none", async (t) => {
  const { mock } = t.mock.method(loadedBoxes() as BoxProvider, "deriveKey");
  const bent = (at: number): Uint8Array => {
    const hello = new CurveClientPeer(keys.publicKey).hello();
    hello[at]! ^= 1;
    return hello;
  };
  const refuse = async (hello: Uint8Array): Promise<void> => {
    const server = serve();
    server.receive(hello);
    await assert.rejects(next(server), { name: "ProtocolError" });
  };
  await refuse(bent(119));
  assert.equal(mock.callCount(), 0);
  await refuse(bent(199));
  assert.deepEqual(
    mock.calls.map(({ result }) => result),
    [new Uint8Array(32)],
  );
});

test("a connection that ends while the authenticator is asked withdraws the question", async () => {
  let count = 0;
  const { server, client } = await welcomed(() => () => void count++);
  server.receive(client.initiate());
  assert.equal(await next(server), null);
  assert.equal(count, 0);
  server.close();
  assert.equal(count, 1);
});
