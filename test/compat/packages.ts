// Packages of the field that use the API of version 5, installed outside the project when a test asks for them.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REDIRECT = join(process.cwd(), "test", "compat", "redirect.cjs");
const LAYER = fileURLToPath(new URL("../../src/v5-compat.js", import.meta.url));
const INSTALL_PATIENCE_MS = 120_000;
const RUN_PATIENCE_MS = 120_000;

/** What a folder of packages is, or why there is none. */
export type Installed = { readonly folder: string } | { readonly missing: string };

/**
 * The folder with these packages in its node_modules. It is made once and kept with the system's temporary files: what it
 * holds is named by exact versions.
 */
export function install(name: string, packages: readonly string[]): Installed {
  let installed = tried.get(name);
  if (installed === undefined) tried.set(name, (installed = installNow(name, packages)));
  return installed;
}

const tried = new Map<string, Installed>();

function installNow(name: string, packages: readonly string[]): Installed {
  const key = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 12);
  const parent = join(tmpdir(), "zeromq-ts-compat");
  const folder = join(parent, `${name}-${key}`);
  if (existsSync(folder)) return { folder };
  mkdirSync(parent, { recursive: true });
  const fresh = mkdtempSync(join(parent, "fresh-"));
  try {
    writeFileSync(join(fresh, "package.json"), '{ "private": true }\n');
    // Without scripts nothing of the native package is built, and none of it is needed.
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--loglevel=error"];
    const npm = spawnSync("npm", ["install", ...flags, ...packages], {
      cwd: fresh,
      encoding: "utf8",
      timeout: INSTALL_PATIENCE_MS,
    });
    if (npm.status !== 0)
      return { missing: `npm cannot install ${packages.join(" ")}: ${reasonIn(npm.stderr ?? "")}` };
    renameSync(fresh, folder);
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return { folder };
}

/** How a program ended, and all that it wrote. */
export interface Run {
  readonly status: number | null;
  readonly output: string;
}

export interface RunSettings {
  readonly cwd: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Packages that the program loads for other transports than ZeroMQ. */
  readonly absent?: readonly string[];
  /** Ends a program that does not end by itself. */
  readonly signal?: AbortSignal;
}

/** Runs a program of Node in which `zeromq` and `zmq` are this package's v5-compat. */
export function runRedirected(args: readonly string[], settings: RunSettings): Promise<Run> {
  const { cwd, nodeOptions = [], absent = [] } = settings;
  const options = ["--no-deprecation", "--require", REDIRECT, ...nodeOptions];
  const env = {
    ...process.env,
    ...settings.env,
    ZEROMQ_TS_REDIRECT: LAYER,
    ZEROMQ_TS_ABSENT: absent.join(","),
  };
  const child = spawn(process.execPath, [...options, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_PATIENCE_MS);
  settings.signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status, output });
    });
  });
}

/** Runs a suite of mocha: how many tests passed and failed, by its own account. */
export async function runMocha(args: readonly string[], settings: RunSettings): Promise<Run & Counts> {
  const mocha = join("..", "mocha", "bin", "_mocha");
  const run = await runRedirected([mocha, "--exit", "--reporter", "spec", ...args], settings);
  return {
    ...run,
    passed: countOf(run.output, /(\d+) passing/),
    failed: countOf(run.output, /(\d+) failing/),
  };
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

function countOf(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? 0);
}

/** `ECONNREFUSED`, or the first line of what npm says. */
function reasonIn(text: string): string {
  return /^npm \S+ code (\S+)/m.exec(text)?.[1] ?? text.trim().split("\n", 1)[0] ?? "";
}
