import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatTcpEndpoint,
  parseEndpoint,
  parseIpc,
  parseTcpBind,
  parseTcpConnect,
} from "../../../src/core/endpoint.ts";

const fails = (run: () => unknown, code: string, sentence: RegExp, address?: string) =>
  assert.throws(run, (error: Error & { code?: string; address?: string }) => {
    assert.equal(error.name, "ZmqError");
    assert.equal(error.code, code);
    assert.match(error.message, sentence);
    if (address !== undefined) assert.equal(error.address, address);
    return true;
  });

test("an endpoint is a scheme and an address", () => {
  assert.deepEqual(parseEndpoint("tcp://127.0.0.1:5555"), {
    scheme: "tcp",
    address: "127.0.0.1:5555",
    text: "tcp://127.0.0.1:5555",
  });
  assert.equal(parseEndpoint("inproc://a://b").address, "a://b");
  assert.equal(parseEndpoint("ipc:///tmp/a").address, "/tmp/a");
});

test("what is no endpoint is EINVAL and names itself", () => {
  for (const text of ["foo-bar", "", "://x", "tcp://", "tcp:/x", "inproc://", "tcp"]) {
    fails(() => parseEndpoint(text), "EINVAL", /is no endpoint/, text);
  }
  for (const text of [null, undefined, 5, {}]) {
    fails(() => parseEndpoint(text as unknown as string), "EINVAL", /An endpoint is a text, not /);
  }
});

test("an unknown transport is EPROTONOSUPPORT with the reason", () => {
  fails(
    () => parseEndpoint("foo://bar"),
    "EPROTONOSUPPORT",
    /nobody knows.*Use tcp:\/\/, ipc:\/\//,
    "foo://bar",
  );
  fails(() => parseEndpoint("ws://localhost:1"), "EPROTONOSUPPORT", /this release does not have/);
  fails(() => parseEndpoint("epgm://eth0;239.0.0.1:1"), "EPROTONOSUPPORT", /native code/);
  fails(() => parseEndpoint("TCP://127.0.0.1:1"), "EPROTONOSUPPORT", /case-sensitive/);
  assert.equal(parseEndpoint("ws://localhost:1", ["tcp", "ws"]).scheme, "ws");
});

test("tcp: forms of bind", () => {
  const forms: [string, object][] = [
    ["127.0.0.1:5555", { host: "127.0.0.1", family: 4, port: 5555, zone: "" }],
    ["*:5555", { host: "*", family: 0, port: 5555, zone: "" }],
    ["*:*", { host: "*", family: 0, port: 0, zone: "" }],
    ["127.0.0.1:0", { host: "127.0.0.1", family: 4, port: 0, zone: "" }],
    ["eth0:65535", { host: "eth0", family: 0, port: 65535, zone: "" }],
    ["eth0:1:5555", { host: "eth0:1", family: 0, port: 5555, zone: "" }],
    ["br-lan.7:1", { host: "br-lan.7", family: 0, port: 1, zone: "" }],
    ["my_host.example:1", { host: "my_host.example", family: 0, port: 1, zone: "" }],
    ["[::1]:5555", { host: "::1", family: 6, port: 5555, zone: "" }],
    ["::1:5555", { host: "::1", family: 6, port: 5555, zone: "" }],
    ["[::]:*", { host: "::", family: 6, port: 0, zone: "" }],
    ["[fe80::1%eth0]:5555", { host: "fe80::1", family: 6, port: 5555, zone: "eth0" }],
    ["fe80::1%2:5555", { host: "fe80::1", family: 6, port: 5555, zone: "2" }],
  ];
  for (const [address, expected] of forms) assert.deepEqual(parseTcpBind(address, true), expected, address);
});

test("tcp: an IPv6 address needs the option to be bound, not to be connected", () => {
  fails(() => parseTcpBind("[::1]:5555", false), "ENODEV", /Set ipv6 to true/, "tcp://[::1]:5555");
  assert.equal(parseTcpBind("127.0.0.1:1", false).family, 4);
  assert.equal(parseTcpConnect("[::1]:1234").family, 6);
});

test("tcp: ports are strict where libzmq takes 80x for 80 and 70000 for 4464", () => {
  for (const port of [
    "80x",
    "70000",
    "65536",
    "99999",
    "-1",
    "+1",
    "",
    " 1",
    "1 ",
    "0x50",
    "1e3",
    "080",
    "**",
    "1.0",
  ]) {
    fails(() => parseTcpBind(`127.0.0.1:${port}`, false), "EINVAL", /A port is a number from 0 to 65535/);
    fails(() => parseTcpConnect(`127.0.0.1:${port}`), "EINVAL", /A port is a number from 1 to 65535/);
  }
  assert.equal(parseTcpConnect("127.0.0.1:65535").port, 65535);
});

// libzmq behaviour B87.
test("tcp: forms that connect refuses", () => {
  fails(() => parseTcpConnect("localhost:invalid"), "EINVAL", /"invalid"/, "tcp://localhost:invalid");
  fails(() => parseTcpConnect("in val id:1234"), "EINVAL", /"in val id"/);
  fails(() => parseTcpConnect("192.168.0.200:*"), "EINVAL", /port/);
  fails(() => parseTcpConnect("*:1234"), "EINVAL", /no host to connect to/);
  fails(() => parseTcpConnect("127.0.0.1:0"), "EINVAL", /no port to connect to/);
  fails(() => parseTcpConnect("127.0.0.1"), "EINVAL", /no port/);
  fails(() => parseTcpConnect(":5555"), "EINVAL", /no host/);
  fails(() => parseTcpConnect("[127.0.0.1]:1"), "EINVAL", /brackets/);
  fails(() => parseTcpConnect("[::1:1"), "EINVAL", /host "\[::1"/);
  fails(() => parseTcpConnect("[fe80::1%]:1"), "EINVAL", /interface after the %/);
  fails(() => parseTcpConnect("host%eth0:1"), "EINVAL", /only IPv6/);
  fails(() => parseTcpConnect("a/b:1"), "EINVAL", /host "a\/b"/);
  fails(() => parseTcpConnect("a\0b:1"), "EINVAL", /host/);
  assert.equal(parseTcpConnect("localhost:1234").host, "localhost");
  assert.equal(parseTcpConnect("no-such-host.invalid:1").host, "no-such-host.invalid");
});

// libzmq behaviour B86.
test("tcp: a source address before the semicolon", () => {
  const source = (address: string) => parseTcpConnect(address).source;
  assert.deepEqual(source("127.0.0.1:0;localhost:1234"), { host: "127.0.0.1", family: 4, port: 0, zone: "" });
  assert.deepEqual(source("lo:5555;localhost:1235"), { host: "lo", family: 0, port: 5555, zone: "" });
  assert.deepEqual(source("*:*;localhost:1"), { host: "*", family: 0, port: 0, zone: "" });
  assert.equal(source("[::1]:7;[::1]:8")?.port, 7);
  assert.equal(parseTcpConnect("localhost:5555;example.org:1235").host, "example.org");
  assert.equal(source("localhost:1"), undefined);
  fails(() => source("lo;localhost:1"), "EINVAL", /no port/);
  fails(() => source("lo:x;localhost:1"), "EINVAL", /port "x"/);
  fails(() => source("a:1;b:2;c:3"), "EINVAL", /host "b:2;c"/);
  fails(() => parseTcpBind("127.0.0.1:1;127.0.0.1:2", false), "EINVAL", /belongs to connect/);
});

// libzmq behaviour B81.
test("tcp: endpoints are shown with brackets around IPv6", () => {
  assert.equal(formatTcpEndpoint("0.0.0.0", 5555), "tcp://0.0.0.0:5555");
  assert.equal(formatTcpEndpoint("::", 5555), "tcp://[::]:5555");
  assert.equal(formatTcpEndpoint("fe80::1%eth0", 1), "tcp://[fe80::1%eth0]:1");
  const bound = parseTcpBind(parseEndpoint(formatTcpEndpoint("fe80::1%eth0", 1)).address, true);
  assert.deepEqual(bound, { host: "fe80::1", family: 6, port: 1, zone: "eth0" });
});

test("ipc: paths, wildcards and abstract names", () => {
  assert.deepEqual(parseIpc("/tmp/socket"), { kind: "path", path: "/tmp/socket" });
  assert.deepEqual(parseIpc("relative"), { kind: "path", path: "relative" });
  assert.deepEqual(parseIpc("*"), { kind: "wildcard" });
  assert.deepEqual(parseIpc("*anything"), { kind: "wildcard" });
  assert.deepEqual(parseIpc("@name"), { kind: "abstract", name: "name" });
  fails(() => parseIpc("@"), "EINVAL", /no name after the @/, "ipc://@");
  fails(() => parseIpc("/tmp/a\0b"), "EINVAL", /zero octet/);
});

// Hostile input J03: octets count, not characters.
test("ipc: 107 octets fit and 108 do not", () => {
  for (const path of [
    "a".repeat(107),
    `${"é".repeat(53)}a`,
    `@${"a".repeat(106)}`,
    `${"😀".repeat(26)}abc`,
  ]) {
    assert.equal(new TextEncoder().encode(path).length, 107);
    assert.ok(parseIpc(path));
  }
  for (const path of [
    "a".repeat(108),
    "é".repeat(54),
    `@${"a".repeat(107)}`,
    "a".repeat(200),
    "😀".repeat(27),
  ]) {
    fails(() => parseIpc(path), "ENAMETOOLONG", /octets in UTF-8, of which 107 fit/, `ipc://${path}`);
  }
});
