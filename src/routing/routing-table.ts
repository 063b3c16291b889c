import { bytesKey, hex, readU32, writeU32 } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Frame } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Pipe } from "../pipe/pipe.ts";

/** Most octets of a routing id. 37/ZMTP, "The Identity Property". */
export const ROUTING_ID_SIZE_MAX = 255;

/** A generated id: a zero octet, which no announced id may start with, and a number of four octets. */
const GENERATED_ID_SIZE = 5;

/** Whether a peer or an application may choose this routing id. A leading zero octet is reserved for generated ones. */
export function isRoutingId(id: Uint8Array): boolean {
  return id.length > 0 && id.length <= ROUTING_ID_SIZE_MAX && id[0] !== 0;
}

/** Slots for peers found of late; a power of two. */
const RECENT_COUNT = 256;

/** A peer's entry: its name and its pipe. The name is the key, never the frame that the application sees. */
export class Route {
  readonly pipe: Pipe;
  /** The octets as a key, or the number of a generated id. */
  name: string | number;
  /** The application chose the id; what the peer announces is ignored. */
  isAssigned: boolean;
  #frame: Frame | null;

  constructor(pipe: Pipe, name: string | number) {
    this.pipe = pipe;
    this.name = name;
    this.isAssigned = false;
    this.#frame = null;
  }

  /**
   * The id as a frame for the application. All messages of a peer share one frame; should the application have written
   * to it, the next message gets a new one.
   */
  get id(): Frame {
    const frame = this.#frame;
    if (frame !== null && this.matches(frame)) return frame;
    this.#frame = frameOf(this.name);
    return this.#frame;
  }

  matches(id: Frame): boolean {
    const name = this.name;
    if (typeof name === "number") return isGenerated(id) && readU32(id, 1) === name;
    if (id.length !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (id[i] !== name.charCodeAt(i)) return false;
    return true;
  }
}

/**
 * Peers by routing id. Ids are octets: `ff 01` and `fe 01` are two peers, and so are `A` and `A 00` (libzmq behaviour
 * B51). Generated ids are found by number, which costs no string; peers found of late stand in slots by a hash of their
 * ids, where finding them again costs neither string nor lookup. Who makes hashes collide makes only that vain.
 */
export class RoutingTable {
  readonly #generated: Map<number, Route>;
  readonly #named: Map<string, Route>;
  readonly #recent: (Route | null)[];
  #nextNumber: number;

  constructor() {
    this.#generated = new Map();
    this.#named = new Map();
    this.#recent = new Array<Route | null>(RECENT_COUNT).fill(null);
    this.#nextNumber = Math.floor(platform.random() * 0x100000000);
  }

  get size(): number {
    return this.#generated.size + this.#named.size;
  }

  find(id: Frame): Route | undefined {
    if (id.length > ROUTING_ID_SIZE_MAX) return undefined;
    const slot = slotOf(id);
    const recent = this.#recent[slot]!;
    if (recent?.matches(id)) return recent;
    const route = isGenerated(id) ? this.#generated.get(readU32(id, 1)) : this.#named.get(bytesKey(id));
    if (route !== undefined) this.#recent[slot] = route;
    return route;
  }

  /** A route under an id of our own making. */
  addGenerated(pipe: Pipe): Route {
    while (this.#generated.has(this.#nextNumber)) this.#nextNumber = (this.#nextNumber + 1) >>> 0;
    const number = this.#nextNumber;
    this.#nextNumber = (number + 1) >>> 0;
    const route = new Route(pipe, number);
    this.#generated.set(number, route);
    return route;
  }

  /** A route under a chosen id that nobody holds. */
  addNamed(pipe: Pipe, id: Frame): Route {
    const route = new Route(pipe, bytesKey(id));
    this.restore(route);
    return route;
  }

  /** A route under an id that the application chose for a peer (libzmq behaviour B49). */
  assign(pipe: Pipe, id: Frame): Route {
    if (!isRoutingId(id)) {
      throw new ZmqError(
        "EINVAL",
        `A routing id has 1 to ${ROUTING_ID_SIZE_MAX} octets and does not start with a zero octet.`,
      );
    }
    if (this.find(id) !== undefined) {
      throw new ZmqError("EADDRINUSE", `The routing id ${hex(id)} belongs to another peer of this socket.`, {
        remedy: "Choose another routing id, or disconnect the peer that holds it.",
      });
    }
    const route = this.addNamed(pipe, id);
    route.isAssigned = true;
    return route;
  }

  /** Gives a route that stands in the table, or was removed from it, another id, which nobody holds. */
  rename(route: Route, id: Frame): void {
    this.remove(route);
    route.name = bytesKey(id);
    this.restore(route);
  }

  /** Puts a removed route back under its id. */
  restore(route: Route): void {
    if (typeof route.name === "number") this.#generated.set(route.name, route);
    else this.#named.set(route.name, route);
  }

  /** Takes the route out. `false` if it was out already; another holder of its id stays. */
  remove(route: Route): boolean {
    const slot = slotOf(route.id);
    if (this.#recent[slot] === route) this.#recent[slot] = null;
    const name = route.name;
    if (typeof name === "number") return this.#generated.get(name) === route && this.#generated.delete(name);
    return this.#named.get(name) === route && this.#named.delete(name);
  }
}

function slotOf(id: Frame): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id[i]!) | 0;
  return (hash ^ (hash >>> 8)) & (RECENT_COUNT - 1);
}

function isGenerated(id: Frame): boolean {
  return id.length === GENERATED_ID_SIZE && id[0] === 0;
}

/** In memory of its own: a frame that lives as long as its peer must not hold a shared slab. */
function frameOf(name: string | number): Frame {
  const size = typeof name === "number" ? GENERATED_ID_SIZE : name.length;
  const frame = platform.view(new ArrayBuffer(size), 0, size);
  if (typeof name === "number") writeU32(frame, 1, name);
  else for (let i = 0; i < size; i++) frame[i] = name.charCodeAt(i);
  return frame;
}
