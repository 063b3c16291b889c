import { SocketType } from "../base/socket-type.ts";

/** The socket types that applications can send on. */
export const SENDERS: readonly SocketType[] = [
  SocketType.Pair,
  SocketType.Publisher,
  SocketType.Request,
  SocketType.Reply,
  SocketType.Dealer,
  SocketType.Router,
  SocketType.Push,
  SocketType.XPublisher,
  SocketType.XSubscriber,
  SocketType.Stream,
  SocketType.Server,
  SocketType.Client,
  SocketType.Radio,
  SocketType.Scatter,
  SocketType.Datagram,
  SocketType.Peer,
  SocketType.Channel,
];

/** The socket types that applications can receive on. */
export const RECEIVERS: readonly SocketType[] = [
  SocketType.Pair,
  SocketType.Subscriber,
  SocketType.Request,
  SocketType.Reply,
  SocketType.Dealer,
  SocketType.Router,
  SocketType.Pull,
  SocketType.XPublisher,
  SocketType.XSubscriber,
  SocketType.Stream,
  SocketType.Server,
  SocketType.Client,
  SocketType.Dish,
  SocketType.Gather,
  SocketType.Datagram,
  SocketType.Peer,
  SocketType.Channel,
];

/** The class of each socket type, by number. */
export const SOCKET_CLASSES = Object.keys(SocketType) as readonly (keyof typeof SocketType)[];
