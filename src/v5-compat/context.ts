import { context, Context as OurContext, ZmqError } from "../index.ts";
import { ZMQ_IO_THREADS, ZMQ_MAX_SOCKETS } from "./constants.ts";
import { toCompatError, translated } from "./error.ts";

/**
 * Version 5 made all sockets in one context, whose options are static functions here. An instance is a context of its own,
 * in which no socket can be made: there never was a way.
 */
export class Context {
  readonly #context: OurContext;

  constructor(ioThreads = 1) {
    this.#context = translated(() => new OurContext({ ioThreads }));
  }

  setOpt(option: number, value: number): void {
    setContextOption(this.#context, option, value);
  }

  getOpt(option: number): number {
    return getContextOption(this.#context, option);
  }

  close(): void {
    void this.#context.terminate();
  }

  static setMaxThreads(value: number): void {
    setContextOption(context, ZMQ_IO_THREADS, value);
  }

  static getMaxThreads(): number {
    return getContextOption(context, ZMQ_IO_THREADS);
  }

  static setMaxSockets(value: number): void {
    setContextOption(context, ZMQ_MAX_SOCKETS, value);
  }

  static getMaxSockets(): number {
    return getContextOption(context, ZMQ_MAX_SOCKETS);
  }
}

function setContextOption(target: OurContext, option: number, value: number): void {
  translated(() => {
    if (option === ZMQ_IO_THREADS) target.ioThreads = value;
    else if (option === ZMQ_MAX_SOCKETS) target.maxSockets = value;
    else throw noSuchOption(option);
  });
}

function getContextOption(target: OurContext, option: number): number {
  if (option === ZMQ_IO_THREADS) return target.ioThreads;
  if (option === ZMQ_MAX_SOCKETS) return target.maxSockets;
  throw noSuchOption(option);
}

function noSuchOption(option: number): Error {
  return toCompatError(new ZmqError("EINVAL", `There is no context option ${option}.`));
}
