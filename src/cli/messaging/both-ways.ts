import type { OptionTable, ValuesOf } from "../command.ts";
import { EXIT } from "../command.ts";
import type { Console } from "../console.ts";
import type { Io } from "../io.ts";
import type { Place } from "./endpoints.ts";
import { nameOf } from "./endpoints.ts";
import type { Receiver } from "./incoming.ts";
import { RECEIVE_OPTIONS, receiveAll, receivedExit } from "./incoming.ts";
import type { Input } from "./input.ts";
import { tellTyping } from "./input.ts";
import type { Work } from "./life.ts";
import { live } from "./life.ts";
import type { Sender } from "./outgoing.ts";
import { awaitPeers, PACE_OPTIONS, sendAll, WAIT_OPTIONS } from "./outgoing.ts";

export const BOTH_WAYS_OPTIONS = {
  ...RECEIVE_OPTIONS,
  ...PACE_OPTIONS,
  ...WAIT_OPTIONS,
} as const satisfies OptionTable;

export interface BothWays<S extends Sender & Receiver> {
  readonly io: Io;
  readonly console: Console;
  readonly places: readonly Place[];
  readonly values: ValuesOf<typeof BOTH_WAYS_OPTIONS>;
  readonly make: () => S;
  /** What to send, until `signal` is aborted; `undefined` if nothing. */
  readonly openInput: (signal: AbortSignal, socket: S) => Promise<Input | undefined>;
  /** Prints what came, and may answer it. */
  readonly onMessages: (messages: Buffer[][], socket: S, work: Work) => Promise<void>;
}

/** Sends and receives at the same time, until enough has come, nothing comes any more, or Ctrl-C. */
export function sendAndReceive<S extends Sender & Receiver>(call: BothWays<S>): Promise<number> {
  const { io, console, places, values, make } = call;
  const { count, timeout: timeoutMs } = values;
  return live({
    io,
    console,
    places,
    unreadIsNews: true,
    make,
    async run(socket, work) {
      const done = new AbortController();
      const signal = AbortSignal.any([io.signal, done.signal]);
      const input = await call.openInput(signal, socket);
      // Those who wait for lines may be waited for by their peers.
      if (input?.messages !== undefined) {
        if (!(await awaitPeers({ socket, values, where: nameOf(places), io, console }))) return EXIT.nothing;
      }
      if (input !== undefined) tellTyping(input, io, console);
      const onSent = (sentCount: number): void => {
        work.sentCount += sentCount;
      };
      const sending =
        input === undefined
          ? undefined
          : sendAll({ socket, input, values, count: undefined, signal, onSent });
      let failure: unknown;
      const sent = sending?.catch((error: unknown) => {
        if (!signal.aborted) failure = error;
        done.abort();
      });
      const onMessages = async (messages: Buffer[][]): Promise<void> => {
        work.receivedCount += messages.length;
        await call.onMessages(messages, socket, work);
      };
      const end = await receiveAll({ socket, count, timeoutMs, signal, onMessages }).finally(() =>
        done.abort(),
      );
      await sent;
      if (failure !== undefined) throw failure;
      return receivedExit(end, work.receivedCount, count, io.signal);
    },
  });
}
