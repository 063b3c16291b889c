import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_NODE, PrefixTree, ROOT } from "../../../src/routing/prefix-tree.ts";

function put(tree: PrefixTree, text: string, value: number): number {
  const node = tree.insert(Buffer.from(text, "latin1"), 0);
  tree.setValue(node, value);
  return node;
}

function valueOf(tree: PrefixTree, text: string): number {
  const node = tree.find(Buffer.from(text, "latin1"), 0);
  return node < 0 ? 0 : tree.value(node);
}

function remove(tree: PrefixTree, text: string): void {
  tree.erase(tree.find(Buffer.from(text, "latin1"), 0));
}

function strings(tree: PrefixTree): string[] {
  const found: string[] = [];
  for (let node = tree.nextWithValue(-1); node >= 0; node = tree.nextWithValue(node)) {
    found.push(Buffer.from(tree.stringOf(node, 0)).toString("latin1"));
  }
  return found.sort();
}

const NEWS = ["news.", "news.uk", "news.us", "", "n", "weather", "we", "\0\xff", "\0"];

function newsTree(): PrefixTree {
  const tree = new PrefixTree();
  NEWS.forEach((text, index) => void put(tree, text, index + 1));
  return tree;
}

test("every string is found with its value, and no other", () => {
  const tree = newsTree();
  NEWS.forEach((text, index) => assert.equal(valueOf(tree, text), index + 1));
  for (const other of ["news", "news.u", "news.uk.", "w", "weathe", "x", "\0\xfe", "\xff"]) {
    assert.equal(valueOf(tree, other), 0, other);
  }
  assert.deepEqual(strings(tree), [...NEWS].sort());
});

test("a walk along a message visits the nodes of its prefixes", () => {
  const tree = newsTree();
  const message = Buffer.from("news.uk.london");
  const values: number[] = [];
  let node = ROOT;
  let at = 0;
  do {
    if (tree.value(node) !== 0) values.push(tree.value(node));
    node = tree.descend(node, message, at);
    at += tree.labelSize(node);
  } while (node !== NO_NODE);
  assert.deepEqual(values, [4, 5, 1, 2]);
});

test("what is taken out leaves no nodes behind", () => {
  const tree = newsTree();
  for (const text of NEWS) {
    remove(tree, text);
    assert.equal(valueOf(tree, text), 0);
    assert.ok(tree.nodeCount <= 2 * strings(tree).length + 1);
  }
  assert.equal(tree.nodeCount, 1);
});

test("a string stays when the one it continues goes, and the other way round", () => {
  const tree = new PrefixTree();
  put(tree, "ab", 1);
  put(tree, "abcd", 2);
  remove(tree, "ab");
  assert.equal(valueOf(tree, "abcd"), 2);
  assert.equal(tree.nodeCount, 2);
  put(tree, "ab", 3);
  remove(tree, "abcd");
  assert.equal(valueOf(tree, "ab"), 3);
  assert.equal(tree.nodeCount, 2);
});

test("strings are read from a place in the octets, and written after a prefix", () => {
  const tree = new PrefixTree();
  const node = tree.insert(Buffer.from("xxabc"), 2);
  tree.setValue(node, 1);
  assert.equal(valueOf(tree, "abc"), 1);
  const string = tree.stringOf(node, 1);
  assert.equal(Buffer.from(string.subarray(1)).toString(), "abc");
});

test("compacting keeps strings, values and notes", () => {
  const tree = new PrefixTree();
  const kept: string[] = [];
  for (let i = 0; i < 20_000; i++) put(tree, `${(i * 7919) % 20_000}`, i + 1);
  for (let i = 0; i < 20_000; i++) {
    const text = `${(i * 7919) % 20_000}`;
    if (i % 50 !== 0) remove(tree, text);
    else {
      kept.push(text);
      tree.setNote(tree.find(Buffer.from(text), 0), i);
    }
  }
  assert.equal(tree.isSparse, true);
  tree.compact();
  assert.equal(tree.isSparse, false);
  assert.deepEqual(strings(tree), kept.sort());
  for (const text of kept) {
    const node = tree.find(Buffer.from(text), 0);
    assert.equal(tree.note(node), tree.value(node) - 1);
    assert.equal((tree.note(node) * 7919) % 20_000, Number(text));
  }
  put(tree, "new", 1);
  for (const text of [...kept, "new"]) remove(tree, text);
  assert.equal(tree.nodeCount, 1);
});

test("a chain of 20,000 strings, each the start of the next, is built, walked and taken down", () => {
  const size = 20_000;
  const whole = Buffer.alloc(size, "a");
  const tree = new PrefixTree();
  // Each string is one octet longer, and only a piece of `whole`: the chain is made of splits and of leaves.
  for (let length = 1; length <= size; length += 2)
    tree.setValue(tree.insert(whole.subarray(0, length), 0), length);
  for (let length = size; length >= 1; length -= 2)
    tree.setValue(tree.insert(whole.subarray(0, length), 0), length);
  let node = ROOT;
  let count = 0;
  for (let at = 0; ; at += tree.labelSize(node)) {
    node = tree.descend(node, whole, at);
    if (node === NO_NODE) break;
    assert.equal(tree.value(node), ++count);
  }
  assert.equal(count, size);
  for (let length = 1; length <= size; length++) tree.erase(tree.find(whole.subarray(0, length), 0));
  assert.equal(tree.nodeCount, 1);
});
