import { Socket } from "node:net";
import type { HostCall } from "../base/platform.ts";
import type { SocketOptionValues } from "../core/options.ts";
import { KEEPALIVE_IDLE_SECONDS } from "./net-stream.ts";

/** Calls of newer Nodes, which the oldest that is supported does not have. */
interface NewerSocket {
  /** From Node 24.15 and 25.6 on. */
  setTypeOfService?(typeOfService: number): unknown;
  /** With four arguments from Node 24.19 and 26.4 on. */
  setKeepAlive(enable: boolean, delayMs: number, intervalMs?: number, count?: number): unknown;
}

const newer = Socket.prototype as unknown as NewerSocket;

const CALLS: Readonly<Record<HostCall, boolean>> = {
  typeOfService: typeof newer.setTypeOfService === "function",
  keepaliveProbes: newer.setKeepAlive.length >= 4,
};

/** Whether this Node has the call. */
export function canCall(call: HostCall): boolean {
  return CALLS[call];
}

/** Sets what the constructors of sockets and servers cannot: on a new socket, or on one that was accepted. */
export function tuneTcp(socket: Socket, options: SocketOptionValues): void {
  const tuned = socket as unknown as NewerSocket;
  const { typeOfService, tcpKeepalive, tcpKeepaliveIdle, tcpKeepaliveInterval, tcpKeepaliveCount } = options;
  if (typeOfService !== 0) tuned.setTypeOfService?.(typeOfService);
  if (tcpKeepalive !== 1 || !CALLS.keepaliveProbes) return;
  const idleSeconds = tcpKeepaliveIdle > 0 ? tcpKeepaliveIdle : KEEPALIVE_IDLE_SECONDS;
  // 0 leaves it to the system, where Node's own default is ten probes, a second apart.
  const intervalMs = 1000 * Math.max(0, tcpKeepaliveInterval);
  tuned.setKeepAlive(true, 1000 * idleSeconds, intervalMs, Math.max(0, tcpKeepaliveCount));
}
