import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatUdpAddress,
  formatUdpEndpoint,
  isMulticastHost,
  parseUdpAddress,
  parseUdpBind,
  parseUdpConnect,
} from "../../../src/core/udp-endpoint.ts";

test("an endpoint to bind names an address, an interface, a multicast group, or any address and port", () => {
  for (const [address, host, port, isMulticast, via] of [
    ["127.0.0.1:5555", "127.0.0.1", 5555, false, ""],
    ["*:*", "*", 0, false, ""],
    ["eth0:0", "eth0", 0, false, ""],
    ["239.1.2.3:5555", "239.1.2.3", 5555, true, ""],
    ["eth0;239.1.2.3:*", "239.1.2.3", 0, true, "eth0"],
    ["127.0.0.1;224.0.0.9:1", "224.0.0.9", 1, true, "127.0.0.1"],
    ["*;239.255.255.255:1", "239.255.255.255", 1, true, "*"],
  ] as const) {
    const end = parseUdpBind(address, false);
    assert.deepEqual([end.host, end.port, end.isMulticast, end.via], [host, port, isMulticast, via]);
  }
  assert.equal(parseUdpBind("eth0;[ff02::1]:5", true).via, "eth0");
});

test("an endpoint to connect names a host and a port", () => {
  for (const address of ["localhost:5555", "192.0.2.1:1", "[::1]:65535", "239.1.2.3:9", "eth0;239.1.2.3:9"])
    assert.equal(formatUdpEndpoint(parseUdpConnect(address), "h", 1).startsWith("udp://"), true);
});

test("what is no endpoint says what is wrong with it", () => {
  for (const [parse, address, code, what] of [
    [parseUdpConnect, "*:5555", "EINVAL", /names no host/],
    [parseUdpConnect, "127.0.0.1:*", "EINVAL", /has the port/],
    [parseUdpConnect, "127.0.0.1:0", "EINVAL", /names no port/],
    [parseUdpConnect, "127.0.0.1", "EINVAL", /has no port.*udp:\/\/host:port/],
    [parseUdpConnect, "eth0;127.0.0.1:5", "EINVAL", /no multicast group/],
    [parseUdpConnect, "eth0;name:5", "EINVAL", /no multicast group/],
    [parseUdpConnect, ";239.1.2.3:5", "EINVAL", /has the interface ""/],
    [parseUdpConnect, "a b;239.1.2.3:5", "EINVAL", /has the interface/],
    [parseUdpConnect, "127.0.0.1;[ff02::1]:5", "ENODEV", /has the interface/],
    [parseUdpConnect, "239.1.1.1;239.1.2.3:5", "ENODEV", /has the interface/],
    [(address: string) => parseUdpBind(address, false), "[::1]:5", "ENODEV", /without IPv6/],
  ] as const) {
    assert.throws(
      () => parse(address),
      (error: Error & { code?: string }) => error.code === code && what.test(error.message),
      address,
    );
  }
});

test("what is wrong is mended by an endpoint of udp", () => {
  for (const address of ["127.0.0.1", ":5", "eth0;127.0.0.1:5", "a b;239.1.2.3:5", "127.0.0.1;[ff02::1]:5"])
    assert.throws(() => parseUdpConnect(address), { message: /^"udp:.*udp:\/\/\S+:\S/ }, address);
});

test("addresses of peers are numeric, with or without libzmq's zero octet at the end", () => {
  assert.deepEqual(parseUdpAddress("192.0.2.1:5555"), { host: "192.0.2.1", port: 5555 });
  assert.deepEqual(parseUdpAddress("192.0.2.1:5555\0"), { host: "192.0.2.1", port: 5555 });
  assert.deepEqual(parseUdpAddress("[2001:db8::1]:1"), { host: "2001:db8::1", port: 1 });
  assert.deepEqual(parseUdpAddress("[fe80::1%eth0]:1"), { host: "fe80::1%eth0", port: 1 });
  for (const text of [
    "",
    "192.0.2.1",
    "192.0.2.1:",
    "192.0.2.1:0",
    "192.0.2.1:65536",
    "192.0.2.1:01",
    "192.0.2.256:5",
    "192.0.2:5",
    "localhost:5",
    "::1:5",
    "[192.0.2.1]:5",
    "192.0.2.1:5\0\0",
    "192.0.2.1:5 ",
    "udp://192.0.2.1:5",
  ]) {
    assert.equal(parseUdpAddress(text), undefined, JSON.stringify(text));
  }
});

test("addresses and endpoints are shown as they are parsed", () => {
  assert.equal(formatUdpAddress("192.0.2.1", 5), "192.0.2.1:5");
  assert.equal(formatUdpAddress("::1", 5), "[::1]:5");
  assert.equal(
    formatUdpEndpoint(parseUdpBind("eth0;239.1.2.3:*", false), "239.1.2.3", 7),
    "udp://eth0;239.1.2.3:7",
  );
});

test("multicast groups are 224.0.0.0/4 and ff00::/8", () => {
  const groups = ["224.0.0.0", "239.255.255.255", "ff00::", "ffff::1"];
  const others = ["223.255.255.255", "240.0.0.0", "fe80::1", "::1", "localhost", "*"];
  assert.deepEqual(groups.filter(isMulticastHost), groups);
  assert.deepEqual(others.filter(isMulticastHost), []);
});
