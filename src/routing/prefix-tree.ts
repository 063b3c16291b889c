import { allocateBody } from "../base/message.ts";
import { grown } from "./block-arena.ts";
import { ChildIndex } from "./child-index.ts";
import { LabelStore } from "./label-store.ts";

/**
 * A radix tree: octet strings, each with a value, that share what they start with. `"news."`, `"news.uk"` and
 * `"news.us"` with values x, y, z are
 *
 *                                   +-- k --> y
 *     root -- news. --> x -- u --> .
 *                                   +-- s --> z
 *
 * A node has a value, or two children or more, or is the root; so there are fewer than two nodes a string, and a walk
 * along a message passes at most one node an octet, whatever else is in the tree. All nodes are rows of one typed array
 * and all loops are loops: neither the garbage collector nor the stack sees the size or the depth of the tree.
 *
 * A node is named by the place of its row. Names hold until `compact`.
 */
export class PrefixTree {
  #nodes: Int32Array;
  #usedWords: number;
  #firstFree: number;
  #count: number;
  #children: ChildIndex;
  #labels: LabelStore;

  constructor() {
    this.#nodes = new Int32Array(ROW * FIRST_ROWS);
    this.#usedWords = ROW;
    this.#firstFree = NO_NODE;
    this.#count = 1;
    this.#children = new ChildIndex();
    this.#labels = new LabelStore(0);
  }

  /** Nodes, the root among them. */
  get nodeCount(): number {
    return this.#count;
  }

  /** The value of a node; 0 is none. */
  value(node: number): number {
    return this.#nodes[node + VALUE]!;
  }

  setValue(node: number, value: number): void {
    this.#nodes[node + VALUE] = value;
  }

  /** A second number, for the owner of the tree. */
  note(node: number): number {
    return this.#nodes[node + NOTE]!;
  }

  setNote(node: number, note: number): void {
    this.#nodes[node + NOTE] = note;
  }

  /** Octets of the label that leads to a node. */
  labelSize(node: number): number {
    return this.#nodes[node + SIZE]!;
  }

  /** One step along a string: the child whose whole label stands at `at`, or NO_NODE. */
  descend(node: number, octets: Uint8Array, at: number): number {
    if (at >= octets.length) return NO_NODE;
    const nodes = this.#nodes;
    const child = this.#child(node, octets[at]!);
    if (child === NO_NODE) return NO_NODE;
    const size = nodes[child + SIZE]!;
    if (size === 1) return child;
    if (size > octets.length - at) return NO_NODE;
    const labels = this.#labels.octets;
    const label = nodes[child + LABEL]!;
    for (let i = 1; i < size; i++) if (labels[label + i] !== octets[at + i]) return NO_NODE;
    return child;
  }

  /** The node of exactly the string from `start` on, or -1. It may have no value. */
  find(octets: Uint8Array, start: number): number {
    let node = ROOT;
    for (let at = start; at < octets.length; at += this.#nodes[node + SIZE]!) {
      node = this.descend(node, octets, at);
      if (node === NO_NODE) return -1;
    }
    return node;
  }

  /** The node of the string from `start` on, made if need be. The caller gives it a value before anything else. */
  insert(octets: Uint8Array, start: number): number {
    let node = ROOT;
    for (let at = start; at < octets.length; at += this.#nodes[node + SIZE]!) {
      const child = this.#child(node, octets[at]!);
      if (child === NO_NODE) return this.#addLeaf(node, octets, at);
      const common = this.#commonSize(child, octets, at);
      node = common < this.#nodes[child + SIZE]! ? this.#split(child, common) : child;
    }
    return node;
  }

  /** Takes the value from a node, and the node from the tree if nothing needs it. */
  erase(node: number): void {
    const nodes = this.#nodes;
    nodes[node + VALUE] = 0;
    if (node === ROOT) return;
    const parent = nodes[node + PARENT]!;
    if (nodes[node + CHILDREN] === 0) {
      this.#labels.release(nodes[node + SIZE]!);
      this.#removeChild(parent, nodes[node + FIRST]!);
      this.#free(node);
      this.#bypass(parent);
    } else {
      this.#bypass(node);
    }
  }

  /** The string of a node, after `prefix` octets for the caller to fill. */
  stringOf(node: number, prefix: number): Uint8Array {
    const nodes = this.#nodes;
    let size = prefix;
    for (let above = node; above !== ROOT; above = nodes[above + PARENT]!) size += nodes[above + SIZE]!;
    const string = allocateBody(size);
    const labels = this.#labels.octets;
    for (let above = node; above !== ROOT; above = nodes[above + PARENT]!) {
      const label = nodes[above + LABEL]!;
      const labelSize = nodes[above + SIZE]!;
      size -= labelSize;
      for (let i = 0; i < labelSize; i++) string[size + i] = labels[label + i]!;
    }
    return string;
  }

  /** The next node with a value after a node, in no special order, or -1; the first after -1. */
  nextWithValue(node: number): number {
    const nodes = this.#nodes;
    for (let next = node < 0 ? ROOT : node + ROW; next < this.#usedWords; next += ROW) {
      if (nodes[next + VALUE] !== 0) return next;
    }
    return -1;
  }

  /** Whether memory can be given back: `compact` then takes time for what is left, which is little. */
  get isSparse(): boolean {
    const nodesAreSparse =
      this.#nodes.length > SPARSE_WORDS_MIN && this.#count * ROW < this.#nodes.length >> 3;
    const { live, garbage } = this.#labels;
    return (
      nodesAreSparse ||
      this.#children.isSparse ||
      garbage > live + this.#count * GARBAGE_PER_NODE + GARBAGE_MIN
    );
  }

  /** Moves everything into new arrays without gaps. All nodes have new names; values and notes stay. */
  compact(): void {
    const forward = this.#newNames();
    const room = this.#count + (this.#count >> 2);
    const nodes = new Int32Array(Math.max(room, FIRST_ROWS) * ROW);
    const labels = new LabelStore(this.#labels.live);
    const children = new ChildIndex();
    // Row by row in a call of its own: it is compiled long before a loop in here would be.
    for (let node = 0; node < this.#usedWords; node += ROW)
      this.#moveTo(nodes, labels, children, node, forward);
    this.#nodes = nodes;
    this.#usedWords = this.#count * ROW;
    this.#firstFree = NO_NODE;
    this.#labels = labels;
    this.#children = children;
  }

  /** By old row, the node's name after `compact`. */
  #newNames(): Int32Array {
    const nodes = this.#nodes;
    const rows = this.#usedWords >> ROW_LOG2;
    const forward = new Int32Array(rows);
    let used = 0;
    for (let row = 0; row < rows; row++) {
      if (nodes[row * ROW + SIZE] === FREE) continue;
      forward[row] = used;
      used += ROW;
    }
    return forward;
  }

  #moveTo(
    nodes: Int32Array,
    labels: LabelStore,
    children: ChildIndex,
    node: number,
    forward: Int32Array,
  ): void {
    const old = this.#nodes;
    const size = old[node + SIZE]!;
    if (size === FREE) return;
    const moved = forward[node >> ROW_LOG2]!;
    const label = old[node + LABEL]!;
    nodes[moved + PARENT] = forward[old[node + PARENT]! >> ROW_LOG2]!;
    nodes[moved + LABEL] = labels.add(this.#labels.octets, label, label + size);
    nodes[moved + SIZE] = size;
    nodes[moved + FIRST] = old[node + FIRST]!;
    nodes[moved + VALUE] = old[node + VALUE]!;
    nodes[moved + NOTE] = old[node + NOTE]!;
    const below = old[node + CHILDREN]!;
    if (below < 0) nodes[moved + CHILDREN] = -forward[-below >> ROW_LOG2]!;
    else if (below > 0) nodes[moved + CHILDREN] = this.#children.copyTo(children, below, forward, ROW_LOG2);
  }

  #child(node: number, octet: number): number {
    const below = this.#nodes[node + CHILDREN]!;
    if (below > 0) return this.#children.find(below, octet);
    return below < 0 && this.#nodes[FIRST - below] === octet ? -below : NO_NODE;
  }

  #commonSize(child: number, octets: Uint8Array, at: number): number {
    const labels = this.#labels.octets;
    const label = this.#nodes[child + LABEL]!;
    const size = Math.min(this.#nodes[child + SIZE]!, octets.length - at);
    for (let i = 1; i < size; i++) if (labels[label + i] !== octets[at + i]) return i;
    return size;
  }

  #addLeaf(parent: number, octets: Uint8Array, at: number): number {
    const leaf = this.#allocate();
    const nodes = this.#nodes;
    nodes[leaf + LABEL] = this.#labels.add(octets, at, octets.length);
    nodes[leaf + SIZE] = octets.length - at;
    nodes[leaf + FIRST] = octets[at]!;
    nodes[leaf + PARENT] = parent;
    const below = nodes[parent + CHILDREN]!;
    nodes[parent + CHILDREN] =
      below === 0
        ? -leaf
        : below < 0
          ? this.#children.create(nodes[FIRST - below]!, -below, octets[at]!, leaf)
          : this.#children.add(below, octets[at]!, leaf);
    return leaf;
  }

  /** Puts a new node into the middle of the label that leads to `lower`. */
  #split(lower: number, size: number): number {
    const upper = this.#allocate();
    const nodes = this.#nodes;
    const parent = nodes[lower + PARENT]!;
    const label = nodes[lower + LABEL]!;
    nodes[upper + LABEL] = label;
    nodes[upper + SIZE] = size;
    nodes[upper + FIRST] = nodes[lower + FIRST]!;
    nodes[upper + PARENT] = parent;
    nodes[upper + CHILDREN] = -lower;
    this.#replaceChild(parent, lower, upper);
    nodes[lower + LABEL] = label + size;
    nodes[lower + SIZE] = nodes[lower + SIZE]! - size;
    nodes[lower + FIRST] = this.#labels.octets[label + size]!;
    nodes[lower + PARENT] = upper;
    return upper;
  }

  /** Takes out a node that has neither a value nor more than one child: its label goes to the child. */
  #bypass(node: number): void {
    const nodes = this.#nodes;
    if (node === ROOT || nodes[node + VALUE] !== 0 || nodes[node + CHILDREN]! >= 0) return;
    const child = -nodes[node + CHILDREN]!;
    const parent = nodes[node + PARENT]!;
    const [label, size] = [nodes[node + LABEL]!, nodes[node + SIZE]!];
    this.#replaceChild(parent, node, child);
    nodes[child + LABEL] = this.#labels.join(label, size, nodes[child + LABEL]!, nodes[child + SIZE]!);
    nodes[child + SIZE] = nodes[child + SIZE]! + size;
    nodes[child + FIRST] = nodes[node + FIRST]!;
    nodes[child + PARENT] = parent;
    this.#free(node);
  }

  #replaceChild(parent: number, before: number, after: number): void {
    const below = this.#nodes[parent + CHILDREN]!;
    if (below < 0) this.#nodes[parent + CHILDREN] = -after;
    else this.#children.replace(below, this.#nodes[before + FIRST]!, after);
  }

  #removeChild(parent: number, octet: number): void {
    const below = this.#nodes[parent + CHILDREN]!;
    this.#nodes[parent + CHILDREN] = below < 0 ? 0 : this.#children.remove(below, octet);
  }

  #allocate(): number {
    this.#count++;
    const freed = this.#firstFree;
    if (freed !== NO_NODE) {
      this.#firstFree = this.#nodes[freed + PARENT]!;
      this.#nodes.fill(0, freed, freed + ROW);
      return freed;
    }
    const node = this.#usedWords;
    this.#usedWords += ROW;
    if (this.#usedWords > this.#nodes.length) this.#nodes = grown(this.#nodes, this.#usedWords);
    return node;
  }

  #free(node: number): void {
    this.#nodes[node + VALUE] = 0;
    this.#nodes[node + SIZE] = FREE;
    this.#nodes[node + PARENT] = this.#firstFree;
    this.#firstFree = node;
    this.#count--;
  }
}

/** The empty string. */
export const ROOT = 0;
/** The root is nobody's child, so its name can mean none. */
export const NO_NODE = 0;

/** Words of a row. */
const PARENT = 0;
const LABEL = 1;
const SIZE = 2;
/** The first octet of the label. */
const FIRST = 3;
/** 0: none. Minus a node: the only child. Above 0: an index of children. */
const CHILDREN = 4;
const VALUE = 5;
const NOTE = 6;
const ROW_LOG2 = 3;
const ROW = 1 << ROW_LOG2;

/** The label size of a row that is not in use; its parent is the next one. */
const FREE = -1;
const FIRST_ROWS = 4;
const SPARSE_WORDS_MIN = 4096;
/** Octets of unused labels that are not worth copying the tree for: 64 a node, as much as two rows. */
const GARBAGE_PER_NODE = 64;
const GARBAGE_MIN = 4096;
