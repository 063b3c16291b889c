import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import type { MessageLike } from "../../core/message-like.ts";
import { frameOfNumber, isRoutingNumber, numberOfFrame } from "../../routing/number-table.ts";
import type { Socket } from "../socket.ts";
import { coreOf } from "../socket.ts";
import type { LabelledMessage } from "./labelled.ts";
import { installLabelledReadable, installLabelledWritable } from "./labelled.ts";
import type { ServerPattern } from "./server-pattern.ts";
import { singleFrame } from "./single-frame.ts";

/** Which peer a message is for, or came from. */
export interface RoutingOptions {
  /** The peer's number at this socket: whole, 1 to 4294967295. */
  readonly routingId: number;
}

/** What `Server` and `Peer` give: the one frame, and whom it came from. */
export type RoutedMessage = LabelledMessage<RoutingOptions>;

/** Gives a socket class that addresses its peers by number the methods to send and receive. */
export function installRouted(socketClass: { readonly prototype: Socket }, name: string): void {
  installLabelledReadable<RoutingOptions>(socketClass, routedMessage);
  installLabelledWritable<RoutingOptions>(socketClass, (message, label): MessageLike => {
    const number = checkedNumber(name, label?.routingId);
    return [frameOfNumber(number), singleFrame(name, message)];
  });
}

/** `disconnectPeer` of the types that address their peers by number. */
export function disconnectNumbered(socket: Socket, name: string, routingId: number): void {
  const core = coreOf(socket);
  core.checkOpen();
  (core.pattern as ServerPattern).disconnectPeer(checkedNumber(name, routingId));
}

/** `connect` that tells the routing id of the peer. */
export function connectNumbered(socket: Socket, endpoint: string): number {
  const core = coreOf(socket);
  let number = 0;
  core.endpoints.connect(endpoint, (pipe) => {
    // Called anew when an I/O thread is replaced, and the pipe with it: the peer is the same.
    number = (core.pattern as ServerPattern).assignNumber(pipe, number);
  });
  return number;
}

/** [routing id] [body] becomes [body] [label] in place. */
function routedMessage(message: Message): RoutedMessage {
  const label = { routingId: numberOfFrame(message[0]!) };
  const routed = message as unknown as [unknown, unknown];
  routed[0] = message[1];
  routed[1] = label;
  return routed as RoutedMessage;
}

function checkedNumber(name: string, routingId: unknown): number {
  if (isRoutingNumber(routingId)) return routingId;
  throw new ZmqError(
    "EINVAL",
    `The routingId of a ${name} message is a whole number from 1 to 4294967295, not ${String(routingId)}.`,
    { remedy: "Give it with the message: send(message, { routingId }), as receive() told it." },
  );
}
