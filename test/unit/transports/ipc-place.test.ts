import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { hasIpc } from "../../../src/transports/ipc.ts";
import { bindError, IpcPlace, removeStale, stat, takenError } from "../../../src/transports/ipc-place.ts";
import { freePath } from "../../contract/stream-rig.ts";
import { makeStale } from "./stale-socket.ts";

describe("a place to bind to", { skip: !hasIpc && "there is no ipc here" }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "zmq-test-"));
  after(() => rmSync(scratch, { recursive: true }));

  it("is a path, a name, or a path that is made up", () => {
    const path = new IpcPlace("/a/b");
    assert.deepEqual([path.endpoint, path.path, path.isAbstract], ["ipc:///a/b", "/a/b", false]);
    const name = new IpcPlace("@a");
    assert.deepEqual([name.endpoint, name.path, name.isAbstract], ["ipc://@a", "\0a", true]);
    const made = new IpcPlace("*.anything");
    assert.equal(made.endpoint, `ipc://${made.path}`);
    assert.ok(lstatSync(dirname(made.path)).isDirectory());
    made.removeDirectory();
    assert.ok(!existsSync(dirname(made.path)));
    made.removeDirectory();
  });

  it("knows that a made-up path is too long, or cannot be made", () => {
    const before = process.env.TMPDIR;
    try {
      process.env.TMPDIR = join(scratch, "gone");
      assert.equal(new IpcPlace("*").failure?.code, "ENOENT");
      process.env.TMPDIR = mkdtempSync(join(scratch, "x".repeat(100)));
      const long = new IpcPlace("*");
      assert.equal(long.failure?.code, "ENAMETOOLONG");
      long.removeDirectory();
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it("keeps the file of another that took its name, however its number", async () => {
    const path = freePath();
    const place = new IpcPlace(path);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    place.onListening(server);
    renameSync(path, `${path}.ours`);
    writeFileSync(path, "theirs");
    place.close(server);
    assert.ok(lstatSync(path).isFile());
    rmSync(path);
    rmSync(`${path}.ours`);
  });

  it("removes a stale file only while it is the one that was looked at", () => {
    const path = freePath();
    makeStale(path);
    const seen = stat(path);
    assert.ok(seen);
    rmSync(path);
    removeStale(path, seen);
    writeFileSync(path, "another");
    removeStale(path, seen);
    assert.ok(existsSync(path));
    rmSync(path);
    makeStale(path);
    removeStale(path, seen);
    assert.ok(existsSync(path), "another socket");
    removeStale(path, stat(path) ?? seen);
    assert.equal(stat(path), undefined);
  });

  it("says what is in the way", () => {
    const file = join(scratch, "file");
    writeFileSync(file, "");
    const place = new IpcPlace(file);
    assert.match(takenError(place, stat(file)).message, /file is a file\./);
    assert.match(takenError(place, stat(scratch)).message, /is a directory\./);
    assert.match(takenError(place, undefined).message, /somebody listens there/);
    const refused = Object.assign(new Error(), { code: "EACCES" });
    assert.equal(bindError(place, refused).code, "EACCES");
    assert.equal(bindError(new IpcPlace(join(scratch, "none", "socket")), refused).code, "ENOTDIR");
    assert.equal(bindError(new IpcPlace(join(file, "socket")), refused).code, "ENOTDIR");
    assert.equal(bindError(new IpcPlace("@name"), refused).code, "EACCES");
  });
});
