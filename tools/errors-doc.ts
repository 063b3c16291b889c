// docs/errors.md from the table in src/base/errors.ts.

import { ERRORS, type ErrorEntry, PROTOCOL_ERRORS } from "../src/base/errors.ts";
import { markdownTable } from "./markdown.ts";

const INTRODUCTION = `# Errors

<!-- Written by \`npm run docs\` from src/base/errors.ts; a test holds the two together. -->

Every call that returns a promise reports its error by rejecting it, never by a synchronous throw. Setting an option,
creating a socket and the synchronous calls (\`connect\`, \`disconnect\`, \`bindSync\`, \`trySend\`, ...) throw. Either way it
is a \`ZmqError\`: \`code\` is the word to test for, \`errno\` libzmq's number for it on Linux, \`address\` the endpoint where
there is one, and \`message\` a sentence that says what happened and what to do.
`;

const PROTOCOL = `## What a peer did wrong

These never reach a call of yours: they cost the peer its connection, and are the \`error\` of a
\`handshake:error:protocol\` or \`disconnect\` event. Names and numbers are libzmq's.
`;

export function errorsDocument(): string {
  const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(ERRORS);
  const codes = entries.map(([code, entry]) => [
    `\`${code}\``,
    String(entry.errno),
    entry.when,
    entry.remedy,
  ]);
  const protocol = Object.entries(PROTOCOL_ERRORS).map(([code, errno]) => [
    `\`${code}\``,
    `0x${errno.toString(16)}`,
  ]);
  return [
    INTRODUCTION,
    markdownTable(["code", "errno", "when", "what to do"], codes),
    "",
    PROTOCOL,
    markdownTable(["code", "errno"], protocol),
    "",
  ].join("\n");
}
