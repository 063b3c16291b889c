import type { MessageLike } from "../../core/message-like.ts";
import type { ReceivedMessage } from "../readable.ts";
import type { Socket } from "../socket.ts";
import { coreOf } from "../socket.ts";
import { defineMethods } from "../writable.ts";
import type { RetryOptions } from "./request-call.ts";
import { Requests } from "./requests.ts";

/** Sockets that make requests: Request and Dealer. */
export interface Requesting {
  /**
   * Sends a request and resolves with its reply. Without one within `timeoutMs` (default 2500 ms), or when the connection to
   * the server breaks, it is sent again, up to `retries` times (default 2), to another peer where there is one; so a server
   * may be asked twice. After a failure the socket can be used at once.
   *
   * Each request bears a number of its own, so that a late reply is taken for the same request as long as that waits, and is
   * dropped afterwards (`protocol` in `stats()`), never taken for another. Servers are any REP, and any ROUTER that sends
   * the frames up to the empty one back. It goes to peers that are connected, and waits for one within its time.
   *
   * On a Dealer many calls may be under way at once, beside `send` and `receive`, which never shows their replies. On a
   * Request they take turns, the time counts from a call's turn on, and `send` and `receive` are EFSM meanwhile. Small
   * frames are copied; bodies of 4 KiB and more must not be changed until the call has settled.
   *
   * @throws EAGAIN without a reply after `(retries + 1) * timeoutMs` ms, or when the socket is closed meanwhile, EBUSY with
   *   `maxPendingSends` calls waiting for a peer or for their turn, EFSM on a Request that awaits the reply to a `send`,
   *   EINVAL, ENOTSUP with `conflate`, ABORT_ERR, EBADF, ETERM: always as a rejection
   */
  request(message: MessageLike, options?: RetryOptions): Promise<ReceivedMessage>;
}

/** Sockets that made a request: the others pay nothing. */
const requests = new WeakMap<Socket, Requests>();

const requesting: Requesting & ThisType<Socket> = {
  request(message, options) {
    let ofSocket = requests.get(this);
    if (ofSocket === undefined) {
      ofSocket = new Requests(coreOf(this));
      requests.set(this, ofSocket);
    }
    return ofSocket.request(message, options) as Promise<ReceivedMessage>;
  },
};

/** Gives a socket class the method of `Requesting`. */
export function installRequesting(socketClass: { readonly prototype: Socket }): void {
  defineMethods(socketClass.prototype, requesting);
}
