import type { ViewedSocket } from "../../core/socket-view.ts";
import { flowView, typeOf, viewSocket } from "../../core/socket-view.ts";
import type { PipeCounters } from "../../pipe/pipe.ts";
import { solversHere } from "../explain/context-solver.ts";
import type { EventLog } from "./event-log.ts";
import { JsonList } from "./json-list.ts";
import type { Fill, Head, Request, SocketCounts, SocketReport } from "./protocol.ts";
import { INSPECT_VERSION } from "./protocol.ts";
import type { ThreadReport } from "./thread-report.ts";

/** What answers are made of, beyond the sockets. */
export interface Sources {
  readonly report: ThreadReport;
  readonly log: EventLog;
  readonly nowMs: () => number;
}

/** The answer to a request: its head, then the list. */
export async function answer(request: Request, sources: Sources): Promise<[Head, ...Uint8Array[]]> {
  const list = new JsonList();
  const more = await fill(list, request, sources);
  list.end();
  const { omitted, frames } = list;
  const head: Head = {
    v: INSPECT_VERSION,
    id: request.id,
    nowMs: sources.nowMs(),
    ...(omitted > 0 && { omitted }),
    ...more,
  };
  return [head, ...frames];
}

async function fill(list: JsonList, request: Request, { report, log }: Sources): Promise<Partial<Head>> {
  switch (request.ask) {
    case "info":
      await list.addAll([report.take()], (info) => [info]);
      return {};
    case "sockets":
      await eachSocket(list, (socket, context): SocketReport[] => [{ context, ...viewSocket(socket) }]);
      return {};
    case "counts":
      await eachSocket(list, (socket, context) => [countsOf(socket, context)]);
      return {};
    case "findings":
      for (const solver of [...solversHere.numbers.keys()]) {
        await list.addAll(solver.sockets, (socket) => solver.explain(socket));
        await list.addAll(solver.closedViews, (view) => solver.explainView(view));
      }
      return {};
    case "metrics":
      await list.addAll([...solversHere.numbers.keys()], ({ context }) => {
        const { metrics } = context as { metrics?: () => string };
        return metrics === undefined ? [] : [metrics.call(context)];
      });
      return {};
    case "events": {
      const { events, cursor, missed } = log.read(request.since);
      await list.addAll(events, (event) => [event]);
      return { cursor, missed };
    }
  }
}

async function eachSocket(
  list: JsonList,
  show: (socket: ViewedSocket, context: number) => readonly unknown[],
): Promise<void> {
  for (const [solver, number] of [...solversHere.numbers])
    await list.addAll(solver.sockets, (socket) => show(socket, number));
}

function countsOf(socket: ViewedSocket, context: number): SocketCounts {
  const { sent, received } = socket.stats(false);
  let peerCount = 0;
  let liveCount = 0;
  let sendFill: Fill = { queued: 0, hwm: 0 };
  let receiveFill: Fill = sendFill;
  for (const pipe of socket.openPipes()) {
    peerCount++;
    if (pipe.live) liveCount++;
    sendFill = fuller(sendFill, pipe.written);
    receiveFill = fuller(receiveFill, pipe.received);
  }
  return {
    id: socket.id,
    context,
    type: typeOf(socket),
    label: socket.label(),
    endpoints: socket.endpoints.list().map(({ endpoint }) => endpoint),
    peerCount,
    liveCount,
    sent: flowView(sent),
    received: flowView(received),
    sendFill,
    receiveFill,
    waiting: { sends: socket.sending.pendingCount, receives: socket.receiving.pendingCount },
  };
}

function fuller(fill: Fill, { queued, hwm }: PipeCounters): Fill {
  if (fill.hwm === 0 && fill.queued === 0) return { queued, hwm };
  const isFuller = hwm === 0 || fill.hwm === 0 ? queued > fill.queued : queued / hwm > fill.queued / fill.hwm;
  return isFuller ? { queued, hwm } : fill;
}
