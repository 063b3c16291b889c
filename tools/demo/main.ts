import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { availability, launchLibrary, launchPeer } from "../../test/interop/launch.ts";
import { loadSubject } from "../../test/interop/libraries.ts";
import { Peer } from "../../test/interop/peer.ts";
import { Scope } from "../../test/interop/scope.ts";
import { scenes } from "./scenes.ts";
import { amount, Screen } from "./screen.ts";
import { Stage } from "./stage.ts";

/**
 * `npm run demo`: our sockets and libzmq, each in a process of its own, exchange real messages in every pattern. The exit
 * code is 0 only if every message arrived, in order and whole, and every ledger balances. `--quick` plays a small part.
 */
const share = process.argv.includes("--quick") ? 0.02 : 1;
// Some scenes lose messages on purpose, and their ledger shows it.
process.env["ZEROMQ_TS_WARNINGS"] ??= "0";
const screen = new Screen();
const directory = mkdtempSync(join(tmpdir(), "demo-"));
const ours = Peer.inProcess(await loadSubject());
const { missing } = availability("native");
const theirs = missing === undefined ? launchPeer("native") : launchLibrary("zeromq-ts");

if (missing === undefined) {
  screen.title(
    `zeromq-ts talks to libzmq ${await theirs.version()}, which runs in another process, over tcp`,
  );
} else {
  screen.title("zeromq-ts talks to itself in another process, over tcp");
  screen.failure(`no libzmq: ${missing}`);
}

let messageCount = 0;
let failureCount = 0;
for (const { title, about, play } of scenes) {
  const scope = new Scope(ours, theirs, undefined, directory);
  const stage = new Stage(scope, screen, share);
  screen.title(title);
  screen.note(about);
  try {
    await play(stage);
    stage.showLedger();
  } catch (error) {
    stage.fail(error instanceof Error ? error.message : String(error));
  }
  await scope.end();
  messageCount += stage.messageCount;
  failureCount += stage.failureCount;
}

await theirs.stop();
await ours.stop();
rmSync(directory, { recursive: true, force: true });

if (failureCount === 0) {
  screen.verdict(
    `${amount(messageCount)} messages: all arrived, in order and whole; every ledger balances.`,
    true,
  );
} else {
  screen.verdict(
    `${failureCount === 1 ? "One thing" : `${failureCount} things`} went wrong, see above.`,
    false,
  );
  process.exitCode = 1;
}
