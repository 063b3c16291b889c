import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import crypto from "node:crypto";
import { test } from "node:test";
import { nodeCrypto } from "../../../src/crypto/node-crypto.ts";

/** What is written by a process that imports an entry of the package as `zmq` and has `isLoaded()`. */
function outputOf(entry: string, program: string): string {
  const url = new URL(`../../../src/${entry}.js`, import.meta.url).href;
  const text = `
    import { writeSync } from "node:fs";
    const isLoaded = () => process.moduleLoadList.includes("NativeModule crypto");
    const zmq = await import(${JSON.stringify(url)});
    const say = (what) => void writeSync(1, what + ";");
    ${program}`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-"], {
    input: text,
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.equal(stderr, "");
  return stdout;
}

test("it is Node's own", () => {
  assert.equal(nodeCrypto(), crypto);
  assert.equal(nodeCrypto(), nodeCrypto());
});

test("importing the package loads none of it, nor do sockets without keys; the first key does", () => {
  const program = `
    say(isLoaded());
    const [pull, push] = [new zmq.Pull(), new zmq.Push()];
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint);
    await push.send("hello");
    say(await pull.receive());
    await Promise.all([push.close(), pull.close()]);
    say(isLoaded());
    zmq.curveKeyPair();
    say(isLoaded());`;
  assert.equal(outputOf("index", program), "false;hello;false;true;");
  for (const entry of ["draft", "v5-compat"])
    assert.equal(outputOf(entry, "say(isLoaded());"), "false;", entry);
});
