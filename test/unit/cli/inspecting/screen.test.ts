import assert from "node:assert/strict";
import { test } from "node:test";
import { Screen } from "../../../../src/cli/inspecting/screen.ts";
import { FakeIo } from "../fake-io.ts";

class TerminalIo extends FakeIo {
  readonly modes: boolean[] = [];

  constructor() {
    super();
    this.isInputTerminal = true;
    Object.assign(this.stdout, { isTerminal: true, rows: 5 });
    Object.assign(this.stdin, { setRawMode: (isRaw: boolean) => this.modes.push(isRaw) });
  }
}

test("the screen is entered and left, with the keyboard", async () => {
  const io = new TerminalIo();
  const screen = new Screen(io, () => undefined);
  await screen.enter();
  await screen.leave();
  assert.equal(io.stdout.text, "\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l");
  assert.deepEqual(io.modes, [true, false]);
});

test("keys come one by one, and Ctrl-C is q", async () => {
  const io = new TerminalIo();
  const keys: string[] = [];
  const screen = new Screen(io, (key) => keys.push(key));
  await screen.enter();
  io.stdin.write("s");
  io.stdin.write("ab\x03");
  await new Promise((resolve) => setImmediate(resolve));
  await screen.leave();
  io.stdin.write("z");
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(keys, ["s", "a", "b", "q"]);
});

test("what does not fit is counted in the last line", async () => {
  const io = new TerminalIo();
  const screen = new Screen(io, () => undefined);
  await screen.show(["1", "2", "3", "4", "5"]);
  assert.ok(io.stdout.text.endsWith("5\x1b[K\x1b[J"));
  await screen.show(["1", "2", "3", "4", "5", "6", "7"]);
  assert.ok(io.stdout.text.endsWith("4\x1b[K\n... 3 more\x1b[K\x1b[J"));
});

test("without a keyboard there is the screen alone", async () => {
  const io = new FakeIo();
  const screen = new Screen(io, () => undefined);
  await screen.enter();
  assert.equal(io.stdin.listenerCount("data"), 0);
  await screen.leave();
});
