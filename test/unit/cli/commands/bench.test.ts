import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findLibzmq } from "../../../../src/cli/bench/library.ts";
import { EXIT } from "../../../../src/cli/command.ts";
import { FakeIo, zmq, zmqWith } from "../fake-io.ts";

interface Row {
  readonly kind: string;
  readonly results: readonly {
    name: string;
    median: number;
    low: number;
    high: number;
    samples: number[];
    ratio?: number;
  }[];
}

const SHORT = ["--count", "200", "--rounds", "2"];

test("it measures throughput and latency, with the median between the lowest and the highest", async (t) => {
  const bench = await zmq(t, "bench", ...SHORT, "--transport", "inproc", "--json").ends(EXIT.ok);
  const [throughput, latency] = bench.out.values as unknown as [Row, Row];
  assert.deepEqual([throughput.kind, latency.kind], ["throughput", "latency"]);
  assert.deepEqual(
    throughput.results.map(({ name }) => name),
    ["zeromq-ts, await", "zeromq-ts, batch"],
  );
  for (const { median, low, high, samples, ratio } of [...throughput.results, ...latency.results]) {
    assert.ok(low > 0 && low <= median && median <= high);
    assert.equal(samples.length, 2);
    assert.equal(ratio, undefined);
  }
});

test("it draws a bar on a terminal, a table, and a chart into a file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-cli-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const svg = join(folder, "chart.svg");
  const io = new FakeIo();
  io.stderr.isTerminal = true;
  const bench = zmqWith(
    t,
    io,
    "bench",
    "latency",
    ...SHORT,
    "--transport",
    "inproc",
    "--size",
    "10",
    "--svg",
    svg,
  );
  await bench.ends(EXIT.ok);
  assert.match(
    bench.out.text,
    /^latency, inproc, 10 B \(us a round trip\) +median +lowest +highest +p99\n-+/,
  );
  assert.match(bench.err.text, /█/);
  assert.match(readFileSync(svg, "utf8"), /^<svg .*<\/svg>\n$/s);
});

const peer = findLibzmq("libzmq");

test("libzmq is measured in the same run, and the ratio told", {
  skip: peer === undefined && "no libzmq",
}, async (t) => {
  const bench = zmq(t, "bench", "throughput", ...SHORT, "--mode", "batch", "--peer", "libzmq", "--json");
  await bench.ends(EXIT.ok);
  const [{ results }] = bench.out.values as unknown as [Row];
  const [ours, theirs] = results as [Row["results"][0], Row["results"][0]];
  assert.match(theirs.name, /^libzmq/);
  assert.equal(theirs.ratio, 1);
  assert.equal(ours.ratio, ours.median / theirs.median);
});

test("CURVE is measured with keys that are on no command line", {
  skip: peer === undefined && "no libzmq",
}, async (t) => {
  const args = ["--mechanism", "curve", "--mode", "batch", "--peer", "libzmq", "--json"];
  const bench = zmq(t, "bench", "throughput", ...SHORT, ...args);
  await bench.ends(EXIT.ok);
  assert.equal(bench.out.values[0]?.mechanism, "CURVE");
  assert.equal((bench.out.values as unknown as [Row])[0].results.length, 2);
});

test("Ctrl-C ends it and its processes", async (t) => {
  const bench = zmq(t, "bench", "--rounds", "100", "--seconds", "0.1");
  setTimeout(() => bench.io.interrupt(), 700);
  await bench.ends(EXIT.interrupted);
});

test("what it cannot measure is a usage error", async (t) => {
  for (const args of [
    ["speed"],
    ["--mode", "fast"],
    ["--transport", "udp"],
    ["--peer", "other"],
    ["--mechanism", "PLAIN"],
    ["--mechanism", "CURVE", "--transport", "inproc"],
  ]) {
    await zmq(t, "bench", ...args).ends(EXIT.usage);
  }
});
