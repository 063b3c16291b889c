// What is said of a box, a socket or an arrow: names for those who do not see the picture, and details for all.
import type { FlowState, PeerState, ProcessState } from "../page-state.ts";
import { droppedIn } from "./history.ts";
import { count, fill, plain, rate, whole, words } from "./numbers.ts";
import type { Arrow, Box, Port, Stream, Topology } from "./topology.ts";

/** A term and what is said of it. */
export type Fact = readonly [term: string, text: string];

/** What can be looked at closely. */
export interface Subject {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** The subject of a key that `graph` gave out; `undefined` when it is gone. */
export function subjectOf(topology: Topology, key: string): Subject | undefined {
  const arrow = topology.arrows.find((one) => one.key === key);
  if (arrow !== undefined) return arrowSubject(topology, arrow);
  for (const box of topology.boxes) {
    if (box.key === key) return boxSubject(box);
    const port = box.ports.find((one) => one.key === key);
    if (port !== undefined) return portSubject(box, port);
  }
  return undefined;
}

export function boxName(box: Box): string {
  if (box.kind === "absent") return `Nobody answers at ${box.ports[0]?.text ?? box.key}`;
  if (box.kind === "foreign") return `${box.title}, a peer that is not looked into`;
  const ended = box.status === "live" ? "" : `, ${statusText(box.status)}`;
  return `Process ${box.note}, ${box.title}, ${count(box.socketCount, "socket")}${ended}`;
}

/** `producer.js (4711)` */
export function boxNameOf({ title, pid }: Pick<ProcessState, "title" | "pid">): string {
  return `${title} (${pid})`;
}

export function statusText(status: ProcessState["status"]): string {
  return { live: "live", silent: "does not answer", ended: "ended" }[status];
}

export function portName(box: Box, port: Port): string {
  return `${port.type} socket, ${port.text}, in ${box.title}`;
}

/** A port with its box, by its key. */
function portOf(topology: Topology, key: string): string {
  for (const box of topology.boxes) {
    const port = box.ports.find((one) => one.key === key);
    if (port !== undefined)
      return `${port.type} in ${box.title}${box.kind === "process" ? ` (${box.note})` : ""}`;
  }
  return "a socket";
}

export function arrowName(topology: Topology, arrow: Arrow): string {
  const back = arrow.isTwoWay ? `, ${rate(arrow.back.perSecond)} back` : "";
  const lost = arrow.forth.dropped + arrow.back.dropped;
  const state = arrow.live ? "" : ", not connected";
  return `${portOf(topology, arrow.from)} to ${portOf(topology, arrow.to)}, ${rate(arrow.forth.perSecond)}${back}${
    lost > 0 ? `, ${whole(lost)} lost` : ""
  }${state}`;
}

function boxSubject(box: Box): Subject {
  const sockets: Fact[] = box.ports.map((port) => [port.type, port.text]);
  const first: Fact[] =
    box.kind === "process"
      ? [
          ["Process", box.note],
          ["State", statusText(box.status)],
        ]
      : [["State", box.note]];
  const unseen = box.socketCount - sockets.length;
  const last: Fact[] = unseen > 0 ? [["Sockets", `and ${whole(unseen)} more, in the table`]] : [];
  return { title: box.title, facts: [...first, ...sockets, ...last] };
}

function portSubject(box: Box, { type, text, socket, process }: Port): Subject {
  if (socket === null || process === null)
    return {
      title: `${type} at ${box.title}`,
      facts: [
        ["Address", text],
        ["State", box.note],
      ],
    };
  const facts: Fact[] = [["Process", `${process.title} (${process.pid})`]];
  for (const { endpoint, kind, unsentCount, lastError } of socket.endpoints) {
    const waits = unsentCount > 0 ? `, ${count(unsentCount, "message")} waiting for it` : "";
    facts.push([kind === "bind" ? "Bound" : "Connected", `${endpoint}${waits}`]);
    if (lastError !== null) facts.push(["Last error", lastError]);
  }
  facts.push(["Sent", flowText(socket.sent)], ["Received", flowText(socket.received)]);
  if (socket.waitingSends > 0) facts.push(["Sends that wait", whole(socket.waitingSends)]);
  if (socket.waitingReceives > 0) facts.push(["Receives that wait", whole(socket.waitingReceives)]);
  for (const [name, value] of Object.entries(socket.facts)) facts.push([sentence(name), plain(name, value)]);
  for (const peer of socket.peers) facts.push(["Peer", peerText(peer)]);
  const unseen = socket.peerCount - socket.peers.length;
  if (unseen > 0) facts.push(["Peers", `and ${whole(unseen)} more`]);
  return { title: `${socket.label} (${socket.type})`, facts };
}

function sentence(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function flowText(flow: FlowState): string {
  const reasons = Object.entries(flow.dropped).map(([reason, value]) => `${whole(value ?? 0)} ${reason}`);
  const lost = reasons.length === 0 ? "" : `, lost: ${reasons.join(", ")}`;
  return `${whole(flow.delivered)} delivered, ${whole(flow.queued)} waiting${lost}`;
}

function peerText({ type, address, live, sent, received, sendHighWaterMark }: PeerState): string {
  const lost = droppedIn(sent) + droppedIn(received);
  return [
    `${type ?? "unknown"} at ${address}`,
    live ? "connected" : "not connected",
    `${whole(sent.delivered)} sent`,
    `${whole(received.delivered)} received`,
    `waiting ${fill(sent.queued, sendHighWaterMark)}`,
    ...(lost > 0 ? [`${whole(lost)} lost`] : []),
  ].join(", ");
}

function arrowSubject(topology: Topology, arrow: Arrow): Subject {
  const facts: Fact[] = [
    ["From", portOf(topology, arrow.from)],
    ["To", portOf(topology, arrow.to)],
    ["State", arrow.live ? "connected" : "not connected"],
    ["Connections", whole(arrow.connectionCount)],
    ...streamFacts("", arrow.forth),
    ...(arrow.isTwoWay ? streamFacts("back", arrow.back) : []),
  ];
  return { title: "Connection", facts };
}

function streamFacts(direction: string, stream: Stream): Fact[] {
  const name = (text: string): string => (direction === "" ? text : `${text}, ${direction}`);
  return [
    [name("Rate"), rate(stream.perSecond)],
    [name("Sent"), whole(stream.delivered)],
    [name("Waiting"), fill(stream.queued, stream.hwm)],
    [name("Lost"), `${whole(stream.dropped)}, now ${rate(stream.droppedPerSecond)}`],
  ];
}
