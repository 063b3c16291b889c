import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { test } from "node:test";
import { hex } from "../../../src/base/bytes.ts";
import { mappedIpv4, parseIp, parseIpv4, parseIpv6 } from "../../../src/core/ip-address.ts";

const shown = (octets: Uint8Array | undefined) => octets && hex(octets);

test("IPv4 addresses are four decimal numbers up to 255", () => {
  assert.equal(shown(parseIpv4("127.0.0.1")), "7f000001");
  assert.equal(shown(parseIpv4("255.255.255.255")), "ffffffff");
  for (const text of [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.0.0.1",
    "01.2.3.4",
    "1.2.3.-4",
    "1.2.3.4 ",
    "a.b.c.d",
    "1..2.3",
  ]) {
    assert.equal(parseIpv4(text), undefined, text);
  }
});

test("IPv6 addresses in all their forms", () => {
  assert.equal(shown(parseIpv6("::")), "0".repeat(32));
  assert.equal(shown(parseIpv6("::1")), `${"0".repeat(31)}1`);
  assert.equal(shown(parseIpv6("1::")), `0001${"0".repeat(28)}`);
  assert.equal(shown(parseIpv6("2001:db8::A:b")), `20010db8${"0".repeat(16)}000a000b`);
  assert.equal(shown(parseIpv6("1:2:3:4:5:6:7:8")), "00010002000300040005000600070008");
  assert.equal(shown(parseIpv6("::ffff:192.0.2.1")), `${"0".repeat(20)}ffffc0000201`);
  assert.equal(shown(parseIpv6("1:2:3:4:5:6:1.2.3.4")), "00010002000300040005000601020304");
});

test("what is no address is none, as the system has it", () => {
  const pieces = ["::", ":", "1", "ffff", "10000", "1.2.3.4", "g", "", "0", "fe80"];
  let count = 0;
  for (const a of pieces) {
    for (const b of pieces) {
      for (const c of pieces) {
        for (const text of [
          a + b + c,
          `${a}:${b}:${c}`,
          `1:2:3:4:5${a}${b}${c}`,
          `1:2:3:4:5:6:${a}${b}${c}`,
        ]) {
          assert.equal(parseIpv6(text) !== undefined, isIPv6(text), JSON.stringify(text));
          assert.equal(parseIpv4(text) !== undefined, isIPv4(text), JSON.stringify(text));
          count++;
        }
      }
    }
  }
  assert.equal(count, 4000);
});

test("the IPv4 address inside a mapped one", () => {
  assert.equal(shown(mappedIpv4(parseIp("::ffff:10.0.0.7")!)), "0a000007");
  assert.equal(mappedIpv4(parseIp("::fffe:10.0.0.7")!), undefined);
  assert.equal(mappedIpv4(parseIp("1::ffff:10.0.0.7")!), undefined);
  assert.equal(mappedIpv4(parseIp("10.0.0.7")!), undefined);
});
