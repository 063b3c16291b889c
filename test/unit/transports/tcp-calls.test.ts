import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { canCall, tuneTcp } from "../../../src/transports/tcp-calls.ts";
import { optionsWith } from "../../contract/stream-rig.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isFrom = (...versions: readonly (readonly [number, number])[]): boolean =>
  versions.some(([since, sinceMinor]) => major === since && minor >= sinceMinor) || major > 26;

/** What is called on a socket. */
function callsOf(options: Parameters<typeof optionsWith>[0]): unknown[][] {
  const calls: unknown[][] = [];
  const socket = {
    setKeepAlive: (...given: unknown[]) => calls.push(["keepalive", ...given]),
    setTypeOfService: (...given: unknown[]) => calls.push(["service", ...given]),
  };
  tuneTcp(socket as unknown as Socket, optionsWith(options));
  return calls;
}

test("what Node can set is found out by looking", () => {
  assert.equal(canCall("typeOfService"), isFrom([24, 15], [25, 6], [26, 0]));
  assert.equal(canCall("keepaliveProbes"), isFrom([24, 19], [26, 4]));
});

test("nothing is called that is not asked for", () => {
  assert.deepEqual(callsOf({}), []);
  assert.deepEqual(callsOf({ tcpKeepaliveIdle: 5, tcpKeepaliveInterval: 7, tcpKeepaliveCount: 3 }), []);
  assert.deepEqual(callsOf({ tcpKeepalive: 0, tcpKeepaliveInterval: 7 }), []);
});

test("the type of service is set as it is", () => {
  assert.deepEqual(callsOf({ typeOfService: 0xb8 }), [["service", 0xb8]]);
});

const noProbes = !canCall("keepaliveProbes") && `Node ${process.version} sets neither interval nor count`;

test("probes are set in milliseconds, and what is left to the system as 0", { skip: noProbes }, () => {
  const set = { tcpKeepalive: 1, tcpKeepaliveIdle: 60, tcpKeepaliveInterval: 7, tcpKeepaliveCount: 3 };
  assert.deepEqual(callsOf(set), [["keepalive", true, 60_000, 7_000, 3]]);
  assert.deepEqual(callsOf({ tcpKeepalive: 1 }), [["keepalive", true, 7_200_000, 0, 0]]);
});

const noService = !canCall("typeOfService") && `Node ${process.version} has no setTypeOfService`;

test("a socket of Node keeps the type of service until it connects", { skip: noService }, () => {
  const socket = new Socket() as Socket & { getTypeOfService(): number };
  tuneTcp(socket, optionsWith({ typeOfService: 0x48 }));
  assert.equal(socket.getTypeOfService(), 0x48);
  socket.destroy();
});
