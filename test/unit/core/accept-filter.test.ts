import assert from "node:assert/strict";
import { test } from "node:test";
import { mayConnect, parseAcceptFilter } from "../../../src/core/accept-filter.ts";

const allows = (filters: readonly string[], address: string) =>
  mayConnect(
    filters.map((text) => parseAcceptFilter(text)!),
    address,
  );

test("a filter is a numeric address with or without a number of bits", () => {
  assert.equal(parseAcceptFilter("127.0.0.1")?.prefixLength, 32);
  assert.equal(parseAcceptFilter("::1")?.prefixLength, 128);
  assert.equal(parseAcceptFilter("10.0.0.0/8")?.prefixLength, 8);
  assert.equal(parseAcceptFilter("0.0.0.0/0")?.prefixLength, 0);
  // libzmq behaviour B88.
  for (const text of [
    "",
    "/",
    "127.0.0.1/",
    "127.0.0.1/33",
    "::1/129",
    "127.0.0.1/-1",
    "127.0.0.1/8x",
    "localhost",
  ]) {
    assert.equal(parseAcceptFilter(text), undefined, text);
  }
});

test("without filters anybody may connect, with them one must match", () => {
  assert.ok(allows([], "203.0.113.9"));
  assert.ok(allows(["127.0.0.1"], "127.0.0.1"));
  assert.ok(!allows(["127.0.0.1"], "127.0.0.2"));
  assert.ok(allows(["192.0.2.1", "10.0.0.0/8"], "10.200.3.4"));
  assert.ok(!allows(["10.0.0.0/8"], "11.0.0.0"));
  assert.ok(!allows(["0.0.0.0/0"], "not an address"));
});

test("bits count one by one", () => {
  assert.ok(allows(["192.168.4.0/22"], "192.168.7.255"));
  assert.ok(!allows(["192.168.4.0/22"], "192.168.8.0"));
  assert.ok(allows(["2001:db8:8000::/33"], "2001:db8:ffff::1"));
  assert.ok(!allows(["2001:db8:8000::/33"], "2001:db8:7fff::1"));
  assert.ok(allows(["128.0.0.0/1"], "255.0.0.1"));
  assert.ok(!allows(["128.0.0.0/1"], "127.0.0.1"));
});

test("families are apart, but IPv4 over an IPv6 listener is still IPv4", () => {
  assert.ok(!allows(["::1"], "127.0.0.1"));
  assert.ok(!allows(["0.0.0.0/0"], "::1"));
  assert.ok(allows(["10.0.0.0/8"], "::ffff:10.1.2.3"));
  assert.ok(!allows(["10.0.0.0/8"], "::ffff:11.1.2.3"));
  assert.ok(allows(["fe80::/10"], "fe80::1%eth0"));
});
