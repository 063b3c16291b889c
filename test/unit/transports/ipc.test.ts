import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { padsAbstractNames } from "../../../src/transports/abstract-name.ts";
import { hasIpc, IpcTransport } from "../../../src/transports/ipc.ts";
import {
  addressOf,
  connect,
  connectError,
  freePath,
  ListenerRig,
  optionsWith,
  until,
} from "../../contract/stream-rig.ts";
import { runScript } from "./script-run.ts";
import { makeStale } from "./stale-socket.ts";

const transport = new IpcTransport();

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ZmqError && error.code === code;
}

/** Tries to bind in both ways: the codes. */
async function bindCodes(address: string): Promise<string[]> {
  const rig = await ListenerRig.listen(transport, address);
  if (rig.listenError === null) await rig.close();
  let code = "bound";
  try {
    const sync = new ListenerRig();
    sync.listener = transport.listenSync(address, optionsWith(), sync);
    await sync.close();
  } catch (error) {
    code = (error as ZmqError).code;
  }
  return [rig.listenError?.code ?? "bound", code];
}

describe("ipc addresses", { skip: !hasIpc && "there is no ipc here" }, () => {
  const check = (address: string) => () => transport.checkBind(address, optionsWith());

  it("are counted in octets: 107 fit, 108 do not (J03)", async () => {
    const longest = `${tmpdir()}/${"x".repeat(106 - tmpdir().length)}`;
    assert.equal(longest.length, 107);
    assert.deepEqual(await bindCodes(longest), ["bound", "bound"]);
    for (const path of [`${longest}x`, `${"é".repeat(53)}xx`, `/tmp/${"é".repeat(60)}`, "x".repeat(300)]) {
      assert.throws(check(path), hasCode("ENAMETOOLONG"), path);
      assert.throws(() => transport.checkConnect(path, optionsWith()), hasCode("ENAMETOOLONG"), path);
    }
    assert.throws(check("with\0zero"), hasCode("EINVAL"));
  });

  it("may be relative", async () => {
    const path = freePath();
    const rig = await ListenerRig.listen(transport, relative(process.cwd(), path));
    assert.equal(rig.endpoint, `ipc://${relative(process.cwd(), path)}`);
    assert.ok(lstatSync(path).isSocket());
    (await connect(transport, `ipc://${path}`)).stream.destroy();
    assert.ok(transport.isSameEndpoint(rig.endpoint, `ipc://${path}`));
    assert.ok(!transport.isSameEndpoint(rig.endpoint, `ipc://${path}2`));
    assert.ok(!transport.isSameEndpoint("ipc://@a", `ipc://${process.cwd()}/@a`));
    await rig.close();
  });

  it("* names a new path each time, gone with the listener (libzmq behaviour B134)", async () => {
    const [first, second] = [
      await ListenerRig.listen(transport, "*"),
      await ListenerRig.listen(transport, "*"),
    ];
    const path = addressOf(first.endpoint);
    assert.notEqual(first.endpoint, second.endpoint);
    assert.equal(lstatSync(dirname(path)).mode & 0o777, 0o700, "nobody else may enter");
    (await connect(transport, first.endpoint)).stream.destroy();
    await first.close();
    await second.close();
    assert.ok(!existsSync(dirname(path)) && !existsSync(dirname(addressOf(second.endpoint))));
    assert.throws(() => transport.checkConnect("*", optionsWith()), hasCode("EINVAL"));
  });

  it("@name has no file (libzmq behaviour B134)", {
    skip: process.platform !== "linux" && "Linux alone has these",
  }, async () => {
    const name = `@zmq-test-${process.pid}`;
    const rig = await ListenerRig.listen(transport, name);
    assert.equal(rig.endpoint, `ipc://${name}`);
    const padding = padsAbstractNames(process.versions.uv) ? "@".repeat(108 - name.length) : "";
    assert.ok(readFileSync("/proc/net/unix", "utf8").includes(` ${name}${padding}\n`));
    assert.ok(!existsSync(name));
    (await connect(transport, rig.endpoint)).stream.destroy();
    await rig.close();
    await connectError(transport, name);
    assert.throws(check("@"), hasCode("EINVAL"));
  });
});

describe("ipc files", { skip: !hasIpc && "there is no ipc here" }, () => {
  it("left behind by a process that died are taken over (J04)", async () => {
    for (const isSync of [false, true]) {
      const path = freePath();
      makeStale(path);
      assert.equal((await connectError(transport, path)).code, "ECONNREFUSED");
      let rig = new ListenerRig();
      if (isSync) rig.listener = transport.listenSync(path, optionsWith(), rig);
      else rig = await ListenerRig.listen(transport, path);
      assert.equal(rig.endpoint, `ipc://${path}`);
      (await connect(transport, rig.endpoint)).stream.destroy();
      await rig.close();
      assert.deepEqual(rig.acceptErrors, [], "the first failure is no failure to accept");
      assert.ok(!existsSync(path));
    }
  });

  it("of a live listener stay, also another library's (J05)", async () => {
    const path = freePath();
    const server = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const before = lstatSync(path);
    assert.deepEqual(await bindCodes(path), ["EADDRINUSE", "EADDRINUSE"]);
    assert.equal(lstatSync(path).ino, before.ino);
    (await connect(transport, `ipc://${path}`)).stream.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it("that are no sockets stay as they are (J06)", async () => {
    const path = freePath();
    writeFileSync(path, "precious");
    assert.deepEqual(await bindCodes(path), ["EADDRINUSE", "EADDRINUSE"]);
    assert.equal(readFileSync(path, "utf8"), "precious");
    const link = freePath();
    const stale = freePath();
    makeStale(stale);
    for (const target of [path, stale, freePath()]) {
      symlinkSync(target, link);
      assert.deepEqual(await bindCodes(link), ["EADDRINUSE", "EADDRINUSE"], target);
      assert.ok(lstatSync(link).isSymbolicLink());
      rmSync(link);
    }
    const directory = freePath();
    mkdirSync(directory);
    assert.deepEqual(await bindCodes(directory), ["EADDRINUSE", "EADDRINUSE"]);
    rmdirSync(directory);
    rmSync(path);
    rmSync(stale);
  });

  it("need their directory: ENOTDIR", async () => {
    assert.deepEqual(await bindCodes(join(freePath(), "socket")), ["ENOTDIR", "ENOTDIR"]);
    const file = freePath();
    writeFileSync(file, "");
    assert.deepEqual(await bindCodes(join(file, "socket")), ["ENOTDIR", "ENOTDIR"]);
    rmSync(file);
  });

  it("go with the listener, but not those that somebody put in their place", async () => {
    const path = freePath();
    const first = await ListenerRig.listen(transport, path);
    // As libzmq does: take the name away from a live listener.
    rmSync(path);
    const second = await ListenerRig.listen(transport, path);
    assert.equal(second.listenError, null);
    await first.close();
    assert.ok(lstatSync(path).isSocket());
    (await connect(transport, second.endpoint)).stream.destroy();
    renameSync(path, `${path}.moved`);
    writeFileSync(path, "precious");
    await second.close();
    assert.equal(readFileSync(path, "utf8"), "precious");
    rmSync(path);
    rmSync(`${path}.moved`);
  });

  it("go when the process ends, with the directory of a wildcard", async () => {
    const path = freePath();
    for (const how of ["", "process.exit(0);"]) {
      const { lines, status } = await runScript(`
        const ipc = new IpcTransport();
        ipc.listenSync(${JSON.stringify(path)}, options, quiet);
        say(ipc.listenSync("*", options, quiet).endpoint);
        ${how}
      `);
      assert.equal(status, 0);
      assert.ok(!existsSync(path));
      assert.ok(!existsSync(dirname(addressOf(lines[0] as string))));
    }
  });

  it("that cannot be removed are told: a wildcard's directory that somebody put a file into", async () => {
    const rig = await ListenerRig.listen(transport, "*");
    const directory = dirname(addressOf(rig.endpoint));
    writeFileSync(join(directory, "foreign"), "");
    await rig.close();
    assert.equal(rig.closeErrors.length, 1);
    assert.match(rig.closeErrors[0]?.message ?? "", /is closed, but .* could not be removed/);
    rmSync(directory, { recursive: true });
  });

  it("of a listener that nobody closed may be bound by the next process at once", async () => {
    const path = freePath();
    await runScript(
      `new IpcTransport().listenSync(${JSON.stringify(path)}, options, quiet); process.kill(process.pid, "SIGKILL");`,
    );
    assert.ok(lstatSync(path).isSocket());
    const rig = await ListenerRig.listen(transport, path);
    assert.deepEqual(rig.told, [`listening ipc://${path}`]);
    await rig.close();
  });
});

describe("ipc streams", { skip: !hasIpc && "there is no ipc here" }, () => {
  it("outlive their listener and its file", async () => {
    const rig = await ListenerRig.listen(transport, freePath());
    const near = await connect(transport, rig.endpoint);
    await until("accepting", () => rig.accepted.length === 1);
    rig.listener.close();
    near.write("still there");
    await rig.accepted[0]?.received(11);
    near.stream.destroy();
    await rig.close();
  });
});
