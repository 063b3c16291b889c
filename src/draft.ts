/**
 * zeromq-ts/draft: the socket types that libzmq calls drafts. The same `context`, options and errors as in `zeromq-ts`,
 * which this entry loads.
 */
import "./index.ts";

export type {
  ChannelOptions,
  ClientOptions,
  DatagramOptions,
  DishOptions,
  GatherOptions,
  PeerOptions,
  RadioOptions,
  ScatterOptions,
  ServerOptions,
} from "./index.ts";
export { Channel } from "./sockets/draft/channel.ts";
export { Client } from "./sockets/draft/client.ts";
export { Datagram } from "./sockets/draft/datagram.ts";
export type { ReceivedGroup } from "./sockets/draft/dish.ts";
export { Dish } from "./sockets/draft/dish.ts";
export { Gather } from "./sockets/draft/gather.ts";
export type { GroupLike } from "./sockets/draft/group.ts";
export type { LabelledMessage, LabelledReadable, LabelledWritable } from "./sockets/draft/labelled.ts";
export { Peer } from "./sockets/draft/peer.ts";
export type { GroupOptions } from "./sockets/draft/radio.ts";
export { Radio } from "./sockets/draft/radio.ts";
export type { RoutedMessage, RoutingOptions } from "./sockets/draft/routed.ts";
export { Scatter } from "./sockets/draft/scatter.ts";
export { Server } from "./sockets/draft/server.ts";
