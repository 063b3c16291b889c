#!/usr/bin/env node
import { COMMANDS } from "./commands/index.ts";
import { Console } from "./console.ts";
import { dispatch } from "./dispatch.ts";
import { processIo } from "./process-io.ts";

const args = process.argv.slice(2);
const io = processIo();

// What the package warns of is part of what the command says, not of what Node says.
process.removeAllListeners("warning");
process.on("warning", (warning: Error & { readonly code?: string }) => {
  new Console(io, { json: args.includes("--json") }).warn(warning.message, { code: warning.code });
});

void dispatch(args, io, COMMANDS).then((exitCode) => {
  process.exitCode = exitCode;
  // A stdin that nobody closes would keep the process.
  process.stdin.destroy();
});
