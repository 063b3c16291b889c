import { toMessage } from "../core/message-like.ts";
import type { Socket } from "./socket.ts";
import { coreOf } from "./socket.ts";

/** How `connect` treats the new peer. */
export interface ConnectOptions {
  /** 1 to 255 octets; text is UTF-8. */
  readonly routingId?: string | Uint8Array | undefined;
}

/** `connect` of the types that address their peers: ROUTER and STREAM. */
export function connectNamed(socket: Socket, endpoint: string, options: ConnectOptions): void {
  const core = coreOf(socket);
  const { routingId } = options;
  if (routingId === undefined) return core.endpoints.connect(endpoint);
  const id = toMessage(routingId)[0] as Uint8Array;
  core.endpoints.connect(endpoint, (pipe) => core.pattern.assignRoutingId?.(pipe, id));
}
