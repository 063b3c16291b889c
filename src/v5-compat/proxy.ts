import type { Socket } from "./socket.ts";

/** Pairs of types, front and back, and from which frame on the capture socket sees what comes from the back. */
const ORDERS: Readonly<Record<string, number>> = {
  "push/pull": 0,
  "pull/push": 0,
  "xpub/xsub": 0,
  "router/dealer": 2,
  "xrep/xreq": 2,
};

/**
 * Hands messages on between two sockets, both ways, until they close. A capture socket gets what comes from the back end,
 * without the envelope of a router. Throws for other orders of types than push/pull, pull/push, xpub/xsub,
 * router/dealer and xrep/xreq.
 */
export function proxy(frontend: Socket, backend: Socket, capture?: Socket | null): void {
  const captureFrom = ORDERS[`${frontend.type}/${backend.type}`];
  if (captureFrom === undefined) throw new Error("wrong socket order to proxy");
  frontend.on("message", (...frames: Buffer[]) => {
    backend.send(frames);
  });
  backend.on("message", (...frames: Buffer[]) => {
    frontend.send(frames);
    capture?.send(frames.slice(captureFrom));
  });
}
