// docs/guide/options.md from the option tables in src/core.

import { SocketType } from "../src/base/socket-type.ts";
import type { AbsentOption } from "../src/core/absent-options.ts";
import { ABSENT_CONTEXT_OPTIONS, ABSENT_SOCKET_OPTIONS } from "../src/core/absent-options.ts";
import { CONTEXT_OPTIONS } from "../src/core/context-options.ts";
import type { OptionRow } from "../src/core/option-row.ts";
import { READONLY_OPTIONS, SOCKET_OPTIONS } from "../src/core/option-table.ts";
import { RECEIVERS, SENDERS, SOCKET_CLASSES } from "../src/core/socket-groups.ts";
import { markdownTable } from "./markdown.ts";

const INTRODUCTION = `# Options

<!-- Written by \`npm run docs\` from the option tables in src/core; a test holds the two together. -->

An option is a property of the socket, and may be given to the constructor:

\`\`\`ts
import { Push } from "zeromq-ts";

const push = new Push({ sendHighWaterMark: 5 });
push.linger = 0;
\`\`\`

A value is checked when it is set. A wrong one throws \`EINVAL\` with the range and the unit, and so does a name that the
socket type does not have; a value that cannot be honoured throws \`ENOTSUP\` with the reason. A value that was refused
changes nothing. Every option can be read.

**applies**: *now* counts for what is connected already. *next* counts for the connections of the next \`bind\` or
\`connect\`; setting such an option on a socket that is bound or connected gives a warning.
`;

const SOCKETS = `## Sockets

*senders* are all but ${classesOutside(SENDERS)}, *receivers* all but ${classesOutside(RECEIVERS)}.
Options without a libzmq name are our own.
`;

const SHOWN = `### Properties that only show something

\`type\`, \`lastEndpoint\`, \`securityMechanism\` (\`null\` for NULL, \`"plain"\`, \`"curve"\`) and \`threadSafe\` (\`false\`);
\`topicsCount\` of Publisher, XPublisher, Subscriber and XSubscriber, how many different topics there are subscriptions to.
`;

const REFUSED = `### What cannot be honoured

These read as their default and may be set to it; anything else throws \`ENOTSUP\`, but where the last column names a Node or a
socket type that honours it.
`;

const ABSENT = `## What of libzmq is no option here

By libzmq's name, in whatever form, these throw \`ENOTSUP\` with the reason.
`;

type Row = readonly [name: string, row: OptionRow<unknown>];

/** `A, B and C`: the types that are not in the group. */
function classesOutside(group: readonly SocketType[]): string {
  const names = SOCKET_CLASSES.filter((name) => !group.includes(SocketType[name]));
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function socketsOf(row: OptionRow<unknown>): string {
  if (row.sockets === undefined) return "all";
  if (row.sockets === SENDERS) return "senders";
  if (row.sockets === RECEIVERS) return "receivers";
  return row.sockets.map((type) => SOCKET_CLASSES[type]).join(", ");
}

function shownDefault(row: OptionRow<unknown>): string {
  return `\`${JSON.stringify(row.show(row.initial))}\``;
}

function libzmqOf(row: OptionRow<unknown>): string {
  return row.libzmq === undefined ? "" : row.libzmq.replaceAll(/ZMQ_\w+/g, (name) => `\`${name}\``);
}

function whyRefused({ refused = "", honouredBy = [] }: OptionRow<unknown>): string {
  if (honouredBy.length === 0) return refused;
  return `${refused}; honoured by ${honouredBy.map((type) => SOCKET_CLASSES[type]).join(" and ")}`;
}

function isRefused([, row]: Row): boolean {
  return row.refused !== undefined;
}

function isHonoured(entry: Row): boolean {
  return !isRefused(entry);
}

function absentCells({ libzmq, why, instead }: AbsentOption, of: string): string[] {
  return [`\`${libzmq.replace(" ", "` ")}`, of, why, instead ?? ""];
}

export function optionsDocument(): string {
  const socketRows: readonly Row[] = Object.entries(SOCKET_OPTIONS);
  const contextRows: readonly Row[] = Object.entries(CONTEXT_OPTIONS);
  const honoured = socketRows
    .filter(isHonoured)
    .map(([name, row]) => [
      `\`${name}\``,
      socketsOf(row),
      row.takes,
      shownDefault(row),
      row.applied,
      libzmqOf(row),
      row.remark ?? "",
    ]);
  const refused = socketRows
    .filter(isRefused)
    .map(([name, row]) => [`\`${name}\``, socketsOf(row), shownDefault(row), libzmqOf(row), whyRefused(row)]);
  const shown = Object.entries(READONLY_OPTIONS).map(([name, libzmq]) => [
    `\`${name}\``,
    `\`${libzmq.replace(" ", "` ")}`,
  ]);
  const context = contextRows.map(([name, row]) => [
    `\`${name}\``,
    row.isReadonly === true ? "read only" : row.takes,
    shownDefault(row),
    libzmqOf(row),
    row.refused === undefined ? (row.remark ?? "") : `ENOTSUP: ${row.refused}`,
  ]);
  return [
    INTRODUCTION,
    SOCKETS,
    markdownTable(["option", "sockets", "takes", "default", "applies", "libzmq", "remarks"], honoured),
    "",
    REFUSED,
    markdownTable(["option", "sockets", "default", "libzmq", "why not"], refused),
    "",
    SHOWN,
    markdownTable(["property", "libzmq"], shown),
    "",
    "## Contexts",
    "",
    markdownTable(["option", "takes", "default", "libzmq", "remarks"], context),
    "",
    ABSENT,
    markdownTable(
      ["libzmq", "of", "why not", "instead"],
      [
        ...ABSENT_SOCKET_OPTIONS.map((option) => absentCells(option, "sockets")),
        ...ABSENT_CONTEXT_OPTIONS.map((option) => absentCells(option, "contexts")),
      ],
    ),
    "",
  ].join("\n");
}
