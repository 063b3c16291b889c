// Runs the tests: `node tools/test.mjs [--jobs N] [--limit SECONDS] [--only TEXT] [folder ...]`, folders of test/ (all
// when none is named), `fuzz`, the short seeded run of every fuzz target, and `background`: tests of sockets once more,
// served by an I/O thread (tools/background.mjs).
//
// Every file runs in a process of its own, in a process group of its own, under a time limit. A file fails when one of
// its tests does, when it holds no test, when it does not end by itself (something was left open), and when a process
// that it started is still alive after it: the survivor is named and ended. The last line is the count.
//
// `node --test` is not used because on Node 20 it knows no globs, its time limit is that of a whole file, and it does
// not see what a file leaves behind.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as background from "./background.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ordered = ["tidy", "unit", "spec", "contract", "sim", "oracle", "fuzz", "interop", "background"];
const reporter = pathToFileURL(join(root, "tools", "test-reporter.mjs")).href;
const markerName = "ZEROMQ_TS_TEST_RUN";
const outputMax = 200_000;
const lingerMs = 1_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "3" },
    limit: { type: "string", default: "300" },
    only: { type: "string", default: "" },
  },
});
const jobs = Math.max(1, Number(values.jobs));
const limitMs = Number(values.limit) * 1_000;

const running = new Set();
const scratch = mkdtempSync(join(tmpdir(), "zeromq-ts-test-"));

/** The folders of test/ with tests, those above first, so that a new one is never left out. */
function findFolders() {
  const found = readdirSync(join(root, "test"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !ordered.includes(entry.name))
    .map((entry) => entry.name)
    .filter((name) => sourcesOf(name).length > 0);
  // Processes before what is run once more.
  return [...ordered.slice(0, -1), ...found.sort(), "background"];
}

function sourcesOf(folder) {
  return readdirSync(join(root, "test", folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

/** Runs of files of other folders, by an I/O thread. */
function collectBackground() {
  const preload = pathToFileURL(join(root, "build", "test", "background.js")).href;
  const sources = background.folders
    .flatMap((folder) => sourcesOf(folder))
    .filter((source) => background.opensSockets.test(readFileSync(join(root, source), "utf8")))
    .map((source) => source.split(sep).slice(1).join("/"))
    .filter((name) => !background.files.some(([pattern]) => pattern.test(name)));
  return sources
    .map((name) => {
      const leftOut = background.tests.filter(({ file }) => file === name);
      const titles = leftOut.map(({ title }) => title.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
      // Node takes a test that is in a suite that matches, and calls the file a suite of this name.
      const pattern = `/^(?!(?:<root>|${titles.join("|")})$)/`;
      const flags = leftOut.length > 0 ? [`--test-name-pattern=${pattern}`] : [];
      const compiled = join(root, "build", "test", name.replace(/\.ts$/, ".js"));
      const args = [`--import=${preload}`, ...flags, compiled];
      return { folder: "background", title: `background/${name}`, args, leftOut };
    })
    .filter(({ title }) => title.includes(values.only));
}

function collect(folder) {
  if (folder === "background") return collectBackground();
  if (folder === "fuzz") {
    const smoke = { folder, title: "fuzz smoke", args: [join(root, "build", "fuzz", "main.js"), "smoke"] };
    return smoke.title.includes(values.only) ? [smoke] : [];
  }
  // The sources are listed, not the build: a compiled file may outlive the test it came from.
  const found = sourcesOf(folder)
    .filter((source) => source.includes(values.only))
    .map((source) => {
      const compiled = join(root, "build", source.replace(/\.ts$/, ".js"));
      return { folder, title: source.split(sep).slice(1).join("/"), args: [compiled] };
    });
  return found.sort((a, b) => (a.title < b.title ? -1 : 1));
}

function readLines(path) {
  try {
    // What stands behind the last line break is empty, or a line that a killed process did not finish.
    return readFileSync(path, "utf8").split("\n").slice(0, -1);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}

/** What the reporter wrote: the summary when the file came to its end, or the tests it was in when it did not. */
function readReport(path) {
  const report = { summary: undefined, runningTests: [] };
  for (const line of readLines(path)) {
    const entry = JSON.parse(line);
    if (entry.summary !== undefined) report.summary = entry.summary;
    if (entry.running !== undefined) report.runningTests = entry.running;
  }
  return report;
}

const hasProc = existsSync("/proc/self/environ");

/** A living process of the group, or with the marker in its environment, as every descendant has it, detached or not. */
function inspect(pid, group, marker) {
  // "123 (name) S parent group ...": the name may hold anything, parentheses too.
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [state, , groupOfPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z") return undefined;
  const isMarked = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${markerName}=${marker}\0`);
  if (!isMarked && Number(groupOfPid) !== group) return undefined;
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
  return { pid, description: `process ${pid} is still alive: ${command}` };
}

/** What a file left behind. */
function survivorsOf(group, marker) {
  if (!hasProc)
    return groupIsAlive(group)
      ? [{ pid: -group, description: `a process of group ${group} is still alive` }]
      : [];
  const found = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const survivor = inspect(Number(name), group, marker);
      if (survivor !== undefined) found.push(survivor);
    } catch (error) {
      // It ended while it was being looked at, or belongs to somebody else.
      if (!["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(error.code)) throw error;
    }
  }
  return found;
}

function groupIsAlive(pid) {
  if (process.platform === "win32") return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killGroup(pid) {
  try {
    if (process.platform === "win32") process.kill(pid, "SIGKILL");
    else process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH" && error.code !== "EPERM") throw error;
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ends what a file left behind and returns one line for each. A child that is already on its way out gets a moment. */
async function reapSurvivors(group, marker) {
  const deadline = performance.now() + lingerMs;
  let left = survivorsOf(group, marker);
  while (left.length > 0 && performance.now() < deadline) {
    await pause(50);
    left = survivorsOf(group, marker);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  }
  return left.map(({ description }) => description);
}

function startFile(file, marker, reportPath) {
  const flags =
    file.folder === "fuzz"
      ? ["--enable-source-maps"]
      : ["--enable-source-maps", `--test-reporter=${reporter}`, `--test-reporter-destination=${reportPath}`];
  return spawn(process.execPath, [...flags, ...file.args], {
    cwd: root,
    detached: process.platform !== "win32",
    // Tests provoke losses all the time; those that are about the warnings of it start processes that warn.
    env: { ...process.env, [markerName]: marker, NODE_TEST_CONTEXT: undefined, ZEROMQ_TS_WARNINGS: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

let fileCount = 0;

async function runFile(file) {
  const marker = `${process.pid}-${++fileCount}`;
  const reportPath = join(scratch, `${fileCount}.jsonl`);
  const child = startFile(file, marker, reportPath);
  running.add(child.pid);
  let output = "";
  const keep = (chunk) => {
    output = (output + chunk).slice(-outputMax);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const closed = new Promise((resolve) => child.once("close", resolve));
  const startedMs = performance.now();
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    killGroup(child.pid);
  }, limitMs);
  const exit = await new Promise((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  clearTimeout(timer);
  const survivors = await reapSurvivors(child.pid, marker);
  await closed;
  running.delete(child.pid);
  return judge(file, {
    exit,
    isOverdue,
    survivors,
    output,
    seconds: (performance.now() - startedMs) / 1_000,
    reportPath,
  });
}

const UNMATCHED = "test name does not match pattern";

/** Tests that were left out are skipped for a reason; Node 20 also lists them itself. */
function nameLeftOut(result, leftOut) {
  const unmatched = result.skipped.filter(({ reason }) => reason === UNMATCHED);
  result.skipped = result.skipped.filter(({ reason }) => reason !== UNMATCHED);
  for (const { title, reason } of leftOut) {
    result.skipped.push({ title, reason });
    if (unmatched.length > 0 && !unmatched.some((one) => one.title === title))
      result.failed.push({ title, text: "tools/background.mjs leaves out a test that there is not" });
  }
}

function judge(file, { exit, isOverdue, survivors, output, seconds, reportPath }) {
  const { summary, runningTests } = readReport(reportPath);
  const result = { title: file.title, seconds, output, passed: 0, skipped: [], failed: [], diagnostics: [] };
  const isFuzz = file.folder === "fuzz";
  if (summary !== undefined) {
    result.passed = summary.passed;
    result.skipped = summary.skipped;
    result.failed = summary.failed;
    result.diagnostics = summary.diagnostics;
    if (file.leftOut !== undefined) nameLeftOut(result, file.leftOut);
  } else if (isFuzz && exit.code === 0) {
    result.passed = 1;
  }
  const fail = (text) => result.failed.push({ title: file.title, text });
  if (isOverdue) {
    const where =
      runningTests.length > 0 ? `in: ${runningTests.join(" > ")}` : "no test was running: something is open";
    fail(`did not end within ${limitMs / 1_000} s (${where})`);
  } else if (exit.code !== 0 && result.failed.length === 0) {
    fail(
      `ended with ${exit.signal ?? `code ${exit.code}`} (running: ${runningTests.join(" > ") || "no test"})`,
    );
  } else if (!isFuzz && summary === undefined) {
    fail("ended without a report: it holds no test, or the process was ended from within");
  } else if (!isFuzz && result.passed + result.skipped.length + result.failed.length === 0) {
    fail("holds no test");
  }
  if (!isOverdue) for (const line of survivors) fail(line);
  return result;
}

function print(result) {
  const counts = [`${result.passed} passed`];
  if (result.failed.length > 0) counts.push(`${result.failed.length} FAILED`);
  if (result.skipped.length > 0) counts.push(`${result.skipped.length} skipped`);
  const mark = result.failed.length > 0 ? "FAIL" : "ok  ";
  process.stdout.write(`${mark} ${result.title}: ${counts.join(", ")} (${result.seconds.toFixed(1)} s)\n`);
  if (result.failed.length === 0) return;
  for (const { title, text } of result.failed) {
    process.stdout.write(`     - ${title}\n${text.replace(/^/gm, "         ")}\n`);
  }
  for (const line of result.diagnostics) process.stdout.write(`     note: ${line}\n`);
  if (result.output.trim() !== "")
    process.stdout.write(`     output:\n${result.output.replace(/^/gm, "     | ")}\n`);
}

function printSkips(results) {
  const byReason = new Map();
  for (const result of results) {
    for (const { title, reason } of result.skipped) {
      const titles = byReason.get(reason) ?? [];
      titles.push(`${result.title}: ${title}`);
      byReason.set(reason, titles);
    }
  }
  for (const [reason, titles] of byReason) {
    const more = titles.length > 3 ? `, and ${titles.length - 3} more` : "";
    process.stdout.write(`SKIPPED (${reason}): ${titles.slice(0, 3).join("; ")}${more}\n`);
  }
}

async function runAll(files) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < files.length) {
      const result = await runFile(files[next++]);
      print(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

function stop(signal) {
  for (const pid of running) killGroup(pid);
  rmSync(scratch, { recursive: true, force: true });
  process.exit(signal === "SIGINT" ? 130 : 143);
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

const allFolders = findFolders();
const folders = positionals.length > 0 ? positionals : allFolders;
const unknown = folders.filter((folder) => !allFolders.includes(folder));
if (unknown.length > 0) {
  process.stderr.write(`no such test folder: ${unknown.join(", ")}; there are ${allFolders.join(", ")}\n`);
  process.exit(2);
}
const startedMs = performance.now();
const results = [];
const emptyFolders = [];
for (const folder of folders) {
  const files = collect(folder);
  if (files.length === 0 && values.only === "") emptyFolders.push(folder);
  results.push(...(await runAll(files)));
}
rmSync(scratch, { recursive: true, force: true });
const sum = (count) => results.reduce((total, result) => total + count(result), 0);
const passed = sum((result) => result.passed);
const skipped = sum((result) => result.skipped.length);
const failed = sum((result) => result.failed.length) + emptyFolders.length;
process.stdout.write("\n");
printSkips(results);
for (const folder of emptyFolders) process.stdout.write(`FAIL test/${folder} holds no test file\n`);
for (const result of results) if (result.failed.length > 0) process.stdout.write(`FAILED ${result.title}\n`);
process.stdout.write(
  `${results.length} files in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s on Node ${process.version}\n`,
);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
