import type { Socket } from "../../index.ts";
import { Authenticator, Context, ZmqError } from "../../index.ts";
import type { Call, OptionTable } from "../command.ts";
import { EXIT, Interruption } from "../command.ts";
import type { Security, SecurityValues, Settings } from "./security.ts";
import { oneRole, toSecurity } from "./security.ts";

/** A server that ends the handshake so often, with the same peer and never otherwise, does so for a reason. */
const CUTS_MAX = 3;
/** 27/ZAP: "300: temporary error". */
const TRY_AGAIN = 300;

/** The mechanisms of a call, and what its sockets need for them. */
export interface Secured extends Security {
  /** For a command with one socket. */
  readonly settings: Settings;
  /** Ends the command if a server does not let this socket in. Answers the socket. */
  guard<S extends Socket>(socket: S): S;
}

/**
 * A command whose sockets may have a mechanism: the authenticator runs as long as it does. A client that is refused ends
 * with the reason, where it would try again for ever: the credentials of a command do not change.
 */
export function secured<Table extends OptionTable>(
  run: (call: Call<Table>, security: Secured) => Promise<number>,
  toSettings: (security: Security) => Settings = oneRole,
): (call: Call<Table>) => Promise<number> {
  return async (call) => {
    const { values, io, console } = call;
    const source = { environment: io.environment, console };
    const security = await toSecurity(values as unknown as SecurityValues, source);
    const settings = toSettings(security);
    const refused = new AbortController();
    let refusal: ZmqError | undefined;
    const signal = AbortSignal.any([io.signal, refused.signal]);
    const hosted = host(security);
    const guard = <S extends Socket>(socket: S): S => {
      if (security.client === null) return socket;
      watch(socket, (error) => {
        refusal ??= error;
        refused.abort(new Interruption(error.message, EXIT.failure));
      });
      return socket;
    };
    try {
      // Not a copy: stdin is opened when it is read.
      const guarded = Object.create(io, { signal: { value: signal } }) as Call["io"];
      const exitCode = await run(
        { ...call, io: guarded },
        { ...security, settings: { ...settings, ...hosted.settings }, guard },
      );
      if (refusal !== undefined && !io.signal.aborted) throw refusal;
      return exitCode;
    } finally {
      await hosted.close();
    }
  };
}

/** Whoever decides does so for a context: it is one of its own. */
function host({ policy }: Security): { readonly settings: Settings; close(): Promise<void> } {
  if (policy === null) return { settings: {}, close: async () => undefined };
  const context = new Context();
  const authenticator = new Authenticator({ ...policy, context });
  return {
    settings: { context },
    async close() {
      await authenticator.close();
      await context.terminate();
    },
  };
}

/** Tells of the first server that does not let the socket in. Who comes to a socket that is bound is left to that. */
function watch(socket: Socket, onRefused: (error: ZmqError) => void): void {
  /** Handshakes that were cut, of those that this socket goes to. */
  const cuts = new Map<string, number>();
  /** Those whose last handshake is done: what they do wrong now is no word on credentials. */
  const admitted = new Set<string>();
  const refuse = (address: string, sentence: string, remedy: string): void => {
    if (cuts.has(address)) onRefused(new ZmqError("EACCES", sentence, { address, remedy }));
  };
  socket.events.on("connect", ({ address }) => {
    cuts.set(address, cuts.get(address) ?? 0);
    admitted.delete(address);
  });
  socket.events.on("handshake", ({ address }) => {
    admitted.add(address);
    if (cuts.has(address)) cuts.set(address, Number.NEGATIVE_INFINITY);
  });
  socket.events.on("handshake:error:auth", ({ address, error: { status } }) => {
    if (status === TRY_AGAIN) return;
    const sentence = `The server at ${address} refused the credentials of this command (status ${status}).`;
    refuse(
      address,
      sentence,
      "Its authenticator decides: is this key, or this name and password, known to it?",
    );
  });
  socket.events.on("handshake:error:protocol", ({ address, error }) => {
    if (admitted.has(address)) return;
    const sentence = `The handshake with ${address} failed. ${error.message}`;
    refuse(address, sentence, "zmq doctor with this endpoint says which mechanism it speaks.");
  });
  socket.events.on("handshake:error:other", ({ address }) => {
    const count = (cuts.get(address) ?? 0) + 1;
    if (cuts.has(address)) cuts.set(address, count);
    if (count < CUTS_MAX) return;
    const sentence = `The server at ${address} ended ${CUTS_MAX} handshakes of this command without a word.`;
    refuse(address, sentence, "Is the key in --curve-server-key its public key?");
  });
}
