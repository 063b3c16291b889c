/**
 * zeromq-ts/v5-compat: the API of the `zeromq` package up to version 5 and of the `zmq` package before it, for programs
 * that were written to it. docs/guide/migration.md says what differs.
 */
import { curveKeyPair, version } from "./index.ts";
import * as constants from "./v5-compat/constants.ts";
import { Context } from "./v5-compat/context.ts";
import { EVENT_NAMES } from "./v5-compat/monitoring.ts";
import { SHORT_NAMES } from "./v5-compat/options.ts";
import { proxy } from "./v5-compat/proxy.ts";
import { createSocket, Socket } from "./v5-compat/socket.ts";
import { TYPES } from "./v5-compat/socket-types.ts";

/** A pair of CURVE keys, each 40 characters in Z85. */
export function curveKeypair(): { public: string; secret: string } {
  const { publicKey, secretKey } = curveKeyPair();
  return { public: publicKey, secret: secretKey };
}

/** libzmq's version, as a function of the addon. */
export function zmqVersion(): string {
  return version;
}

export type { BindCallback } from "./v5-compat/binding.ts";
export * from "./v5-compat/constants.ts";
export type { CompatError } from "./v5-compat/error.ts";
export type { SendCallback } from "./v5-compat/outgoing.ts";
export type { SocketConstructor } from "./v5-compat/socket.ts";
export type { SocketTypeName } from "./v5-compat/socket-types.ts";
export {
  Context,
  createSocket,
  createSocket as socket,
  curveKeypair as zmqCurveKeypair,
  EVENT_NAMES as events,
  proxy,
  SHORT_NAMES as options,
  Socket,
  TYPES as types,
  version,
};

/**
 * The module as it was: one plain object, which programs may extend and tests may patch. It is what `require` gives, and
 * what `import zmq from` does: the one default export of the package, because version 5 had no other.
 */
const zmq = {
  ...constants,
  Context,
  Socket,
  createSocket,
  socket: createSocket,
  proxy,
  curveKeypair,
  zmqCurveKeypair: curveKeypair,
  zmqVersion,
  version,
  events: EVENT_NAMES,
  options: SHORT_NAMES,
  types: TYPES,
};

// biome-ignore lint/style/noDefaultExport: what `import zmq from "zeromq"` was before version 6.
export { zmq as default, zmq as "module.exports" };
