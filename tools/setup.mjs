// Makes a fresh clone ready: installs the dev dependencies when they are missing or stale, and, where it may, the
// system packages that add more libzmq peers to the tests. Plain JavaScript: it runs before anything is installed.
// Only the npm step is needed; what else is missing is named, and the tests that want it skip and say so.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];
const aptTimeoutMs = 180_000;
const npmTimeoutMs = 600_000;

function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** What differs between the lock file and node_modules, as one sentence, or undefined when they agree. */
function staleReason() {
  const installedPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedPath)) return "node_modules is missing";
  const installed = readJson(installedPath).packages;
  for (const [path, wanted] of Object.entries(readJson(join(root, "package-lock.json")).packages)) {
    if (path === "") continue;
    const found = installed[path];
    // An optional package is one for another platform; npm leaves it out.
    if (found === undefined && wanted.optional === true) continue;
    if (found?.version !== wanted.version || !existsSync(join(root, path, "package.json"))) {
      return `${path} is not at ${wanted.version}`;
    }
  }
  return undefined;
}

function runNpm(args) {
  // npm tells its children where it lives; started without npm, the one on the PATH has to do.
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith(".js") ? process.execPath : "npm";
  const prefix = npm?.endsWith(".js") ? [npm] : [];
  return spawnSync(command, [...prefix, ...args], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: command === "npm" && process.platform === "win32",
    timeout: npmTimeoutMs,
  });
}

function installPackages() {
  const reason = staleReason();
  if (reason === undefined) return;
  say(`${reason}: running npm ci`);
  // No dependency needs its install script: the native peer comes with prebuilt binaries, and where none fits, the
  // tests that want it skip. A compiler run here could only fail the whole set-up.
  const result = runNpm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (result.status !== 0) {
    say(`npm ci failed (${result.error?.message ?? result.signal ?? `exit code ${result.status}`}).`);
    process.exit(1);
  }
}

function succeeds(command, args, timeout = 30_000) {
  return spawnSync(command, args, { cwd: root, stdio: "ignore", timeout }).status === 0;
}

function missingSystemPackages() {
  const missing = [];
  if (!succeeds("python3", ["-c", "import zmq"]) && !succeeds("/usr/bin/python3", ["-c", "import zmq"])) {
    missing.push("python3-zmq");
  }
  if (!existsSync("/usr/include/zmq.h") && !existsSync("/usr/local/include/zmq.h"))
    missing.push("libzmq3-dev");
  return missing;
}

/** A kernel and a client of Jupyter, for the tests of the examples; test/interop/jupyter.test.ts looks in the same places. */
function missingJupyter() {
  const modules = { ipykernel: "python3-ipykernel", jupyter_client: "python3-jupyter-client" };
  const pythons = [process.env.PYTHON, "/usr/bin/python3", "python3"].filter((name) => name !== undefined);
  return Object.entries(modules)
    .filter(([name]) => !pythons.some((python) => hasModule(python, name)))
    .map(([, debianPackage]) => debianPackage);
}

/** Looked for and not imported: that takes a second. */
function hasModule(python, name) {
  return succeeds(python, [
    "-c",
    `import importlib.util, sys; sys.exit(importlib.util.find_spec("${name}") is None)`,
  ]);
}

/** A SOCKS proxy that is not ours; test/interop/socks.test.ts looks in the same places. */
const proxies = ["/usr/bin/microsocks", "/usr/local/bin/microsocks"];

function missingProxy() {
  return proxies.some((path) => existsSync(path)) ? [] : ["microsocks"];
}

/** A browser that the tests of the live page can drive; test/page/browser.ts looks in the same places. */
const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function missingBrowser() {
  const isThere = process.env.ZEROMQ_TS_BROWSER !== undefined || browsers.some((path) => existsSync(path));
  return isThere ? [] : ["chromium"];
}

/** Optional: pyzmq as a second peer, libzmq's headers for the C program of the benchmarks, Jupyter, a SOCKS proxy, a browser. */
function installSystemPackages() {
  if (process.platform !== "linux") return;
  // Each by itself: the browser is large, and where one fails the others need not.
  for (const missing of [missingSystemPackages(), missingJupyter(), missingProxy(), missingBrowser()]) {
    if (missing.length > 0) installWithApt(missing);
  }
}

function installWithApt(missing) {
  const names = missing.join(", ");
  const allowed =
    process.getuid?.() === 0 && existsSync("/usr/bin/apt-get") && process.env.ZEROMQ_TS_NO_APT === undefined;
  if (!allowed) {
    say(`optional and not installed: ${names}. The tests and benchmarks that use them are skipped.`);
    return;
  }
  say(`installing optional system packages: ${names} (ZEROMQ_TS_NO_APT=1 turns this off)`);
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) =>
    spawnSync("/usr/bin/apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=30", ...args], {
      env: environment,
      stdio: "ignore",
      timeout: aptTimeoutMs,
    }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", ...missing);
  if (!install() && !(apt("update") && install())) {
    say(`${names} could not be installed. The tests and benchmarks that use them are skipped.`);
  }
}

function reportNativePeer() {
  // In a child: a native addon that does not fit this machine may end the process that loads it.
  const probe = 'const z = require("zeromq"); process.stdout.write(z.version)';
  const result = spawnSync(process.execPath, ["-e", probe], { cwd: root, encoding: "utf8", timeout: 30_000 });
  if (result.status !== 0) {
    say("the native zeromq package does not load here: tests and benchmarks against it are skipped.");
  }
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
  say(`Node ${oldestNode.join(".")} or newer is needed; this is ${process.version}.`);
  process.exit(1);
}
installPackages();
installSystemPackages();
reportNativePeer();
