import type { PipeHost } from "../core/transport.ts";
import type { Pipe } from "../pipe/pipe.ts";
import type { Bond } from "./inproc-bond.ts";

/**
 * CONTRACT. What lies beyond this thread for inproc: the names that sockets of other threads of the context have bound,
 * and connections that may lead there. A context of one thread has no neighbours.
 */
export interface Neighbours {
  /** Whose names and connections these are; called once, by the transport. */
  serve(names: LocalNames): void;
  /** Binds a name for a socket of this thread. `false`: another thread has it. Exact, whoever tries at the same time. */
  claim(name: string, host: PipeHost): boolean;
  /** Frees a name that was claimed. */
  release(name: string): void;
  /** Whether a socket of another thread has bound the name. */
  find(name: string): boolean;
  /** A connection to a name that no socket of this thread has bound now. */
  createBond(name: string, connector: PipeHost): Bond;
  /** The high-water marks of the host changed; `pipe` is an end that it got of us for a connector of another thread. */
  marksChanged(host: PipeHost, pipe: Pipe): void;
}

/** What neighbours ask of this thread's transport. */
export interface LocalNames {
  binderOf(name: string): PipeHost | null;
  /** Whether connections wait for names that nobody has bound. */
  readonly hasWaiting: boolean;
  /** A connection that was offered to another thread came back: nobody has the name there any more. */
  place(bond: Bond): void;
  /** Names may have been bound in other threads: connections that wait are offered there. */
  lookAgain(): void;
}
