import type { AuthError, ProtocolError, ZmqError } from "../base/errors.ts";
import type { DropReason } from "../pipe/pipe.ts";

/**
 * What happens to a socket's connections, in zeromq v6's names; in brackets libzmq's monitor events. `address` is the
 * bound endpoint for what concerns a listener or an accepted peer, the connected endpoint otherwise; `peer` is the
 * other end where it is known.
 */
export type MonitorEvent =
  /** [LISTENING] */
  | { readonly type: "bind"; readonly address: string }
  /** [BIND_FAILED] */
  | { readonly type: "bind:error"; readonly address: string; readonly error: ZmqError }
  /** [ACCEPTED] */
  | { readonly type: "accept"; readonly address: string; readonly peer: string }
  /** [ACCEPT_FAILED] */
  | { readonly type: "accept:error"; readonly address: string; readonly error: ZmqError }
  /** [CONNECTED] The stream stands; the handshake follows. */
  | { readonly type: "connect"; readonly address: string; readonly peer: string }
  /** [CONNECT_DELAYED] The attempt has begun. */
  | { readonly type: "connect:delay"; readonly address: string }
  /** [CONNECT_RETRIED] The next attempt comes after `interval` milliseconds. */
  | {
      readonly type: "connect:retry";
      readonly address: string;
      readonly interval: number;
      readonly error?: Error;
    }
  /** [CLOSED] A listener closed, or an attempt to connect failed. */
  | { readonly type: "close"; readonly address: string; readonly error?: Error }
  /** [CLOSE_FAILED] */
  | { readonly type: "close:error"; readonly address: string; readonly error: ZmqError }
  /** [DISCONNECTED] An established connection ended; `error` says why where it is known. */
  | { readonly type: "disconnect"; readonly address: string; readonly peer: string; readonly error?: Error }
  /** The first message lost of its socket, peer, direction and reason (not in libzmq). `stats()` and `explain()` tell how many. */
  | {
      readonly type: "loss";
      readonly address: string;
      readonly peer?: string;
      readonly reason: DropReason;
      readonly direction: "sent" | "received";
    }
  /** [MONITOR_STOPPED] The socket closed; nothing follows. */
  | { readonly type: "end" }
  /** [HANDSHAKE_SUCCEEDED] */
  | { readonly type: "handshake"; readonly address: string; readonly peer: string }
  /** [HANDSHAKE_FAILED_PROTOCOL] Also for a peer that breaks the protocol later. */
  | {
      readonly type: "handshake:error:protocol";
      readonly address: string;
      readonly peer: string;
      readonly error: ProtocolError;
    }
  /** [HANDSHAKE_FAILED_AUTH] */
  | {
      readonly type: "handshake:error:auth";
      readonly address: string;
      readonly peer: string;
      readonly error: AuthError;
    }
  /**
   * [HANDSHAKE_FAILED_NO_DETAIL] The connection ended (EPIPE, ECONNRESET), time ran out (ETIMEDOUT) or nobody could
   * authenticate the peer (EFAULT and others) before the handshake was complete.
   */
  | {
      readonly type: "handshake:error:other";
      readonly address: string;
      readonly peer: string;
      readonly error: ZmqError;
    };

/** The name of a kind of event. */
export type MonitorEventType = MonitorEvent["type"];

/** Listeners of one socket. Nothing is kept for those that come later, and nobody can hold the socket up. */
export class MonitorHub {
  readonly #listeners: Set<(event: MonitorEvent) => void>;

  constructor() {
    this.#listeners = new Set();
  }

  add(listener: (event: MonitorEvent) => void): void {
    this.#listeners.add(listener);
  }

  remove(listener: (event: MonitorEvent) => void): void {
    this.#listeners.delete(listener);
  }

  emit(event: MonitorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
