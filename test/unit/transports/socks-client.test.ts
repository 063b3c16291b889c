import assert from "node:assert/strict";
import { test } from "node:test";
import type { TcpEnd } from "../../../src/core/endpoint.ts";
import { parseTcpConnect } from "../../../src/core/endpoint.ts";
import type { SocksCredentials } from "../../../src/transports/socks-client.ts";
import { SocksClient, SocksFailure, socksError } from "../../../src/transports/socks-client.ts";

const NAME: TcpEnd = { host: "far.example", family: 0, port: 5555, zone: "" };
const LOGIN: SocksCredentials = { username: "joe", password: "secret" };
const NO_METHOD = Buffer.of(5, 0);
const PASSWORD = Buffer.of(5, 2);
const WELCOME = Buffer.of(1, 0);
const GRANTED = Buffer.of(5, 0, 0, 1, 10, 0, 0, 1, 0x04, 0x38);

/** A client that is given octets in parts; what it sent, and what it left. */
function give(
  parts: readonly Uint8Array[],
  target: TcpEnd = NAME,
  credentials: SocksCredentials | null = null,
): { client: SocksClient; sent: Buffer[]; rest: Buffer } {
  const client = new SocksClient(target, credentials);
  const sent: Buffer[] = [Buffer.from(client.greeting())];
  const rest: Buffer[] = [];
  for (const part of parts) {
    const count = client.receive(part, (octets) => sent.push(Buffer.from(octets)));
    rest.push(Buffer.from(part.subarray(count)));
  }
  return { client, sent, rest: Buffer.concat(rest) };
}

function failureOf(octets: Uint8Array, credentials: SocksCredentials | null = null): SocksFailure {
  const failures: SocksFailure[] = [];
  // As one, and octet by octet: the same failure.
  for (const parts of [[octets], [...octets].map((octet) => Uint8Array.of(octet))]) {
    assert.throws(
      () => give(parts, NAME, credentials),
      (error) => {
        assert.ok(error instanceof SocksFailure, String(error));
        failures.push(error);
        return true;
      },
    );
  }
  const [whole, slow] = failures as [SocksFailure, SocksFailure];
  assert.deepEqual([whole.code, whole.message], [slow.code, slow.message]);
  return whole;
}

// RFC 1928, 3, 4 and 5.
test("without credentials one method is offered, and a name goes to the proxy as it is", () => {
  const { client, sent, rest } = give([NO_METHOD, GRANTED]);
  assert.equal(client.isDone, true);
  assert.deepEqual(sent, [
    Buffer.of(5, 1, 0),
    Buffer.concat([Buffer.of(5, 1, 0, 3, 11), Buffer.from("far.example"), Buffer.of(0x15, 0xb3)]),
  ]);
  assert.equal(rest.length, 0);
});

test("addresses go as octets", () => {
  const ipv4 = give([NO_METHOD, GRANTED], parseTcpConnect("192.0.2.7:80")).sent[1];
  assert.deepEqual(ipv4, Buffer.of(5, 1, 0, 1, 192, 0, 2, 7, 0, 80));
  const ipv6 = give([NO_METHOD, GRANTED], parseTcpConnect("[2001:db8::1]:65535")).sent[1];
  assert.deepEqual(
    ipv6,
    Buffer.from([5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255]),
  );
});

// RFC 1929, 2.
test("with credentials both methods are offered, and the proxy chooses", () => {
  const asked = give([PASSWORD, WELCOME, GRANTED], NAME, LOGIN);
  assert.deepEqual(asked.sent[0], Buffer.of(5, 2, 2, 0));
  assert.deepEqual(
    asked.sent[1],
    Buffer.concat([Buffer.of(1, 3), Buffer.from("joe"), Buffer.of(6), Buffer.from("secret")]),
  );
  assert.deepEqual([asked.client.isDone, asked.sent.length], [true, 3]);
  const free = give([NO_METHOD, GRANTED], NAME, LOGIN);
  assert.deepEqual([free.client.isDone, free.sent.length], [true, 2]);
  const empty = give([PASSWORD, WELCOME, GRANTED], NAME, { username: "ü", password: "" });
  assert.deepEqual(empty.sent[1], Buffer.of(1, 2, 0xc3, 0xbc, 0));
});

test("each kind of address in a reply is read to its end, and what follows is the peer's, split where it may be", () => {
  const peer = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3]);
  const name = Buffer.alloc(255, "n");
  for (const address of [
    Buffer.of(1, 1, 2, 3, 4),
    Buffer.of(4, ...Buffer.alloc(16, 9)),
    Buffer.of(3, 0),
    Buffer.concat([Buffer.of(3, 255), name]),
  ]) {
    const reply = Buffer.concat([Buffer.of(5, 0, 0x77), address, Buffer.of(1, 2)]);
    const octets = Buffer.concat([PASSWORD, WELCOME, reply, peer]);
    for (let at = 0; at <= octets.length; at++) {
      const { client, sent, rest } = give([octets.subarray(0, at), octets.subarray(at)], NAME, LOGIN);
      assert.equal(client.isDone, true);
      assert.equal(sent.length, 3);
      assert.deepEqual(rest, peer);
    }
    const single = [...octets].map((octet) => Uint8Array.of(octet));
    assert.deepEqual(give(single, NAME, LOGIN).rest, peer);
    const { client, rest } = give([octets.subarray(0, octets.length - peer.length - 1)], NAME, LOGIN);
    assert.deepEqual([client.isDone, rest.length], [false, 0]);
  }
});

// RFC 1928, 6.
test("each status is told in words, at its octet", () => {
  const said: [number, string, RegExp, boolean][] = [
    [1, "EIO", /failed, and does not say why/, false],
    [2, "EACCES", /does not allow this connection/, true],
    [3, "ENETUNREACH", /no way to the peer's network/, false],
    [4, "EHOSTUNREACH", /no way to the peer's host/, false],
    [5, "ECONNREFUSED", /nobody listens there/, false],
    [6, "ETIMEDOUT", /time to live expired/, false],
    [7, "ENOTSUP", /does not make connections/, true],
    [8, "ENOTSUP", /kind of address/, true],
    [9, "EIO", /unknown status 9/, false],
    [255, "EIO", /unknown status 255/, false],
  ];
  for (const [status, code, words, isFinal] of said) {
    const failure = failureOf(Buffer.of(5, 0, 5, status));
    assert.deepEqual([failure.code, failure.isFinal], [code, isFinal]);
    assert.match(failure.message, words);
  }
});

test("what is no SOCKS5 proxy, or breaks the protocol, is found at its first octet", () => {
  const cases: [Buffer, SocksCredentials | null, string, RegExp][] = [
    [Buffer.from("H"), null, "EPROTO", /does not speak SOCKS5/],
    [Buffer.of(0), null, "EPROTO", /speaks SOCKS4/],
    [Buffer.of(0xff), null, "EPROTO", /does not speak SOCKS5/],
    [Buffer.of(5, 0xff), null, "EACCES", /without a username and password/],
    [Buffer.of(5, 2), null, "EACCES", /without a username and password/],
    [Buffer.of(5, 0xff), LOGIN, "EACCES", /none of the ways/],
    [Buffer.of(5, 1), LOGIN, "EPROTO", /method 1/],
    [Buffer.of(5, 3), null, "EPROTO", /method 3/],
    [Buffer.of(5, 2, 1, 1), LOGIN, "EACCES", /does not accept the username/],
    [Buffer.of(5, 2, 1, 255), LOGIN, "EACCES", /does not accept the username/],
    [Buffer.of(5, 2, 5), LOGIN, "EPROTO", /version 5/],
    [Buffer.of(5, 0, 4), null, "EPROTO", /version 4/],
    [Buffer.of(5, 0, 5, 0, 0, 2), null, "EPROTO", /kind 2/],
    [Buffer.of(5, 0, 5, 0, 0, 0), null, "EPROTO", /kind 0/],
  ];
  for (const [octets, credentials, code, words] of cases) {
    const failure = failureOf(octets, credentials);
    assert.equal(failure.code, code, octets.toString("hex"));
    assert.match(failure.message, words);
    assert.equal(failure.isFinal, true);
    // One octet less is no failure yet.
    give([octets.subarray(0, -1)], NAME, credentials);
  }
});

test("random octets end in a failure, a connection or patience, and never in anything else", () => {
  let seed = Math.trunc(Math.random() * 2 ** 31);
  const first = seed;
  const next = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) >> 8;
  for (let round = 0; round < 3000; round++) {
    const octets = Buffer.from(Array.from({ length: next() % 40 }, () => next() % (next() % 2 ? 8 : 256)));
    if (octets.length > 0 && next() % 4 > 0) octets[0] = 5;
    try {
      give([octets], NAME, next() % 2 ? LOGIN : null);
    } catch (error) {
      assert.ok(error instanceof SocksFailure, `seed ${first}: ${error}`);
    }
  }
});

test("an error names the endpoint, the proxy and the way out, and no password", () => {
  const error = socksError(
    "tcp://far.example:5555",
    "10.0.0.1:1080",
    failureOf(Buffer.of(5, 2, 1, 1), LOGIN),
  );
  assert.equal(
    error.message,
    "Cannot connect to tcp://far.example:5555: the SOCKS proxy 10.0.0.1:1080 does not accept the username and " +
      "password. Check socksUsername and socksPassword.",
  );
  assert.deepEqual([error.code, error.address], ["EACCES", "tcp://far.example:5555"]);
});
