import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { RequestOptions, Settable } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { ReqPattern } from "./req-pattern.ts";
import type { Requesting } from "./requesting.ts";
import { installRequesting } from "./requesting.ts";

/**
 * 28/REQREP, REQ: sends a request, receives its reply, in strict turns; see `relaxed` and `correlate`. Peers: Reply, Router.
 */
export class Request extends Socket {
  constructor(options?: Settable<RequestOptions> & { readonly context?: Context }) {
    super(SocketType.Request, (host) => new ReqPattern(host), options);
  }
}

export interface Request extends Readable, Writable, Requesting, RequestOptions {}

installOptions(Request, SocketType.Request);
installReadable(Request);
installWritable(Request);
installRequesting(Request);
