import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { zmq } from "../fake-io.ts";

test("help shows all commands, or one", async (t) => {
  assert.match((await zmq(t, "help").ends(EXIT.ok)).out.text, /publish messages/);
  assert.match((await zmq(t, "help", "pub").ends(EXIT.ok)).out.text, /--topic/);
  assert.match(
    (await zmq(t, "help", "nonsense").ends(EXIT.usage)).err.text,
    /no command and no finding "nonsense"/,
  );
});

test("version tells its own, Node's and the protocol's", async (t) => {
  assert.match((await zmq(t, "version").ends(EXIT.ok)).out.text, /^zeromq-ts \d.* ZMTP 3\.1, Node \d/);
  assert.match((await zmq(t, "--version").ends(EXIT.ok)).out.text, /^zeromq-ts \d/);
  assert.equal((await zmq(t, "version", "--json").ends(EXIT.ok)).out.values[0]?.["protocol"], "ZMTP 3.1");
});

test("help explains the code of a finding", async (t) => {
  const { out } = await zmq(t, "help", "late-subscriber").ends(EXIT.ok);
  assert.match(out.text, /^#+ late-subscriber\n/);
  assert.equal(out.text.match(/^#+ /gm)?.length, 1);
});
