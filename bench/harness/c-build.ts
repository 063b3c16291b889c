/** Compiles the C contender on the fly, once per version of its sources. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cBinaries, cSources } from "./places.ts";

export interface CPeer {
  binary: string;
  /** Of libzmq. */
  version: string;
}

function run(command: string, args: string[]): { ok: boolean; out: string } {
  const done = spawnSync(command, args, { encoding: "utf8", timeout: 120_000 });
  if (done.error !== undefined) return { ok: false, out: `${command}: ${done.error.message}` };
  return { ok: done.status === 0, out: `${done.stdout}${done.stderr}`.trim() };
}

/** The program, or the sentence that says why there is none. */
export function buildCPeer(): CPeer | string {
  const compiler = process.env["CC"] ?? "cc";
  const about = run(compiler, ["--version"]);
  if (!about.ok) return `no C compiler (${about.out}); install gcc or clang`;
  const sources = readdirSync(cSources)
    .filter((name) => name.endsWith(".c"))
    .sort();
  const hash = createHash("sha256").update(about.out);
  for (const name of [...sources, "peer.h"]) hash.update(name).update(readFileSync(join(cSources, name)));
  const folder = join(cBinaries, hash.digest("hex").slice(0, 16));
  const binary = join(folder, "peer");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    const pkg = run("pkg-config", ["--cflags", "--libs", "libzmq"]);
    const flags = pkg.ok ? pkg.out.split(/\s+/) : ["-lzmq"];
    const fresh = `${binary}.${process.pid}`;
    const paths = sources.map((name) => join(cSources, name));
    const built = run(compiler, ["-O2", "-o", fresh, ...paths, ...flags, "-lpthread"]);
    if (!built.ok) {
      return /zmq\.h/.test(built.out)
        ? "zmq.h is missing; install libzmq3-dev (Debian, Ubuntu), zeromq-devel (Fedora) or zeromq (Homebrew)"
        : `the C program does not compile:\n${built.out}`;
    }
    renameSync(fresh, binary);
  }
  const version = run(binary, ["version"]);
  return version.ok ? { binary, version: version.out } : `the C program does not run: ${version.out}`;
}
