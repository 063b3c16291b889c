import { invariant } from "../base/errors.ts";
import type { Pipe } from "../pipe/pipe.ts";

/** A pipe's place in a ring. */
export class RingNode<Label> {
  readonly pipe: Pipe;
  /** What the owner of the ring wants to know of the pipe without looking it up. */
  readonly label: Label | undefined;
  next: RingNode<Label>;
  previous: RingNode<Label>;
  /** In the ring, not only attached. */
  isActive: boolean;

  constructor(pipe: Pipe, label: Label | undefined) {
    this.pipe = pipe;
    this.label = label;
    this.next = this;
    this.previous = this;
    this.isActive = false;
  }
}

/**
 * Whose turn it is. Pipes that can do something now stand in a ring; those that cannot are attached but outside, and
 * cost nothing until their edge brings them back.
 *
 *        current
 *           v
 *     ... > c > d > e > a > b > ...     a pipe that (re)enters stands before `current`: it is the last of this round
 *
 * Every step is O(1) and the order of the others never changes, so a round is exact whatever comes and goes. Only edges
 * look a pipe up; a message follows `current` alone.
 */
export class PipeRing<Label> {
  current: RingNode<Label> | null;
  readonly #nodes: Map<Pipe, RingNode<Label>>;

  constructor() {
    this.current = null;
    this.#nodes = new Map();
  }

  /** Attached pipes, active or not. */
  get size(): number {
    return this.#nodes.size;
  }

  attach(pipe: Pipe, label: Label | undefined): void {
    invariant(!this.#nodes.has(pipe), "a pipe is attached to a ring once");
    const node = new RingNode(pipe, label);
    this.#nodes.set(pipe, node);
    this.#link(node);
  }

  /** Forgets the pipe; one that is not attached is no fault. */
  detach(pipe: Pipe): void {
    const node = this.#nodes.get(pipe);
    if (node === undefined) return;
    this.#nodes.delete(pipe);
    this.unlink(node);
  }

  /** The pipe can do something again. */
  activate(pipe: Pipe): void {
    const node = this.#nodes.get(pipe);
    if (node !== undefined && !node.isActive) this.#link(node);
  }

  /** The node had its turn. It may have left the ring meanwhile: a pipe's events come back out of its calls. */
  advance(node: RingNode<Label>): void {
    if (this.current === node) this.current = node.next;
  }

  /** The node can do nothing until `activate`. */
  unlink(node: RingNode<Label>): void {
    if (!node.isActive) return;
    node.isActive = false;
    if (node.next === node) {
      this.current = null;
      return;
    }
    if (this.current === node) this.current = node.next;
    node.previous.next = node.next;
    node.next.previous = node.previous;
    node.next = node;
    node.previous = node;
  }

  #link(node: RingNode<Label>): void {
    node.isActive = true;
    const current = this.current;
    if (current === null) {
      this.current = node;
      return;
    }
    node.next = current;
    node.previous = current.previous;
    current.previous.next = node;
    current.previous = node;
  }
}
