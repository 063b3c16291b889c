// The stream transports that the contract suite is run over.

import { connect as connectSocket } from "node:net";
import type { StreamTransport } from "../../src/core/transport.ts";
import { hasIpc, IpcTransport } from "../../src/transports/ipc.ts";
import { TcpTransport } from "../../src/transports/tcp.ts";
import { addressOf, freePath } from "./stream-rig.ts";

/** A transport as the suite needs it. */
export interface Candidate {
  readonly transport: StreamTransport;
  /** An address to bind to. */
  readonly address: () => string;
  /** An address where nobody listens. */
  readonly nobody: string;
  /** A socket of Node itself that talks to a listener. */
  readonly raw: (endpoint: string) => ReturnType<typeof connectSocket>;
}

export const candidates: Candidate[] = [
  {
    transport: new TcpTransport(),
    address: () => "127.0.0.1:*",
    nobody: "127.0.0.1:1",
    raw: (endpoint) => connectSocket(Number(endpoint.split(":").at(-1)), "127.0.0.1"),
  },
];
if (hasIpc) {
  const raw = (endpoint: string) => connectSocket(addressOf(endpoint).replace(/^@/, "\0"));
  candidates.push({ transport: new IpcTransport(), address: freePath, nobody: freePath(), raw });
  if (process.platform === "linux") {
    const address = () => `@${freePath()}`;
    candidates.push({ transport: new IpcTransport(), address, nobody: `@${freePath()}`, raw });
  }
}

/** `tcp://`, `ipc://` or `ipc://@`. */
export function titleOf({ transport, address }: Candidate): string {
  return `${transport.scheme}://${address().startsWith("@") ? "@" : ""}`;
}
