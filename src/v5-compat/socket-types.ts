import type { Readable, Socket, Writable } from "../index.ts";
import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../index.ts";
import * as zmq from "./constants.ts";

/** Version 5's names of socket types, with libzmq's numbers. */
export const TYPES = {
  pub: zmq.ZMQ_PUB,
  xpub: zmq.ZMQ_XPUB,
  sub: zmq.ZMQ_SUB,
  xsub: zmq.ZMQ_XSUB,
  req: zmq.ZMQ_REQ,
  xreq: zmq.ZMQ_XREQ,
  rep: zmq.ZMQ_REP,
  xrep: zmq.ZMQ_XREP,
  push: zmq.ZMQ_PUSH,
  pull: zmq.ZMQ_PULL,
  dealer: zmq.ZMQ_DEALER,
  router: zmq.ZMQ_ROUTER,
  pair: zmq.ZMQ_PAIR,
  stream: zmq.ZMQ_STREAM,
} as const;

/** A name of a socket type. */
export type SocketTypeName = keyof typeof TYPES;

type AnySocket = Socket & Partial<Readable> & Partial<Writable>;

const CLASSES: Readonly<Record<number, new () => AnySocket>> = {
  [zmq.ZMQ_PAIR]: Pair,
  [zmq.ZMQ_PUB]: Publisher,
  [zmq.ZMQ_SUB]: Subscriber,
  [zmq.ZMQ_REQ]: Request,
  [zmq.ZMQ_REP]: Reply,
  [zmq.ZMQ_DEALER]: Dealer,
  [zmq.ZMQ_ROUTER]: Router,
  [zmq.ZMQ_PULL]: Pull,
  [zmq.ZMQ_PUSH]: Push,
  [zmq.ZMQ_XPUB]: XPublisher,
  [zmq.ZMQ_XSUB]: XSubscriber,
  [zmq.ZMQ_STREAM]: Stream,
};

/** A socket of a type that is named as in version 5, or by libzmq's number. TypeError for anything else. */
export function makeSocket(type: unknown): AnySocket {
  const number =
    typeof type === "string" && Object.hasOwn(TYPES, type) ? TYPES[type as SocketTypeName] : type;
  const socketClass = typeof number === "number" ? CLASSES[number] : undefined;
  if (socketClass === undefined) {
    const names = Object.keys(TYPES).join(", ");
    throw new TypeError(`There is no socket type ${JSON.stringify(type)}: it is one of ${names}.`);
  }
  return new socketClass();
}
