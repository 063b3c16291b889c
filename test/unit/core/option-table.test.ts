// The table, the record that the library reads and the interfaces that users see are three views of the same options.

import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "ts6";
import { SocketType } from "../../../src/base/socket-type.ts";
import { CONTEXT_OPTIONS } from "../../../src/core/context-options.ts";
import type { OptionRow } from "../../../src/core/option-row.ts";
import {
  hasOption,
  hasReadonly,
  isOptionName,
  READONLY_OPTIONS,
  SOCKET_OPTIONS,
  socketOptionNames,
} from "../../../src/core/option-table.ts";
import type {
  DatagramOptions,
  DealerOptions,
  PairOptions,
  PublisherOptions,
  PullOptions,
  PushOptions,
  ReadonlyOptionName,
  ReplyOptions,
  RequestOptions,
  RouterOptions,
  Settable,
  StreamOptions,
  SubscriberOptions,
  XPublisherOptions,
  XSubscriberOptions,
} from "../../../src/core/option-types.ts";
import type { SocketOptionName, SocketOptionValues } from "../../../src/core/option-values.ts";
import { SOCKET_CLASSES } from "../../../src/core/socket-groups.ts";
import { parse, walk } from "../../tidy/sources.ts";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

type AllOptions = DatagramOptions &
  DealerOptions &
  PairOptions &
  PublisherOptions &
  PullOptions &
  PushOptions &
  ReplyOptions &
  RequestOptions &
  RouterOptions &
  StreamOptions &
  SubscriberOptions &
  XPublisherOptions &
  XSubscriberOptions;

/** Kept in another form than they are shown. */
type Converted =
  | "routingId"
  | "welcomeMessage"
  | "helloMessage"
  | "disconnectMessage"
  | "hiccupMessage"
  | "tcpAcceptFilter"
  | "metadata"
  | "curvePublicKey"
  | "curveSecretKey"
  | "curveServerKey";
type Plain = Exclude<SocketOptionName, Converted>;

// These lines fail to compile when the views disagree.
const sameNames: Same<Exclude<keyof AllOptions, ReadonlyOptionName>, SocketOptionName> = true;
const sameTypes: Same<Pick<AllOptions, Plain>, Pick<SocketOptionValues, Plain>> = true;
const sameReadonly: Same<ReadonlyOptionName, keyof typeof READONLY_OPTIONS> = true;
const settable: Settable<RouterOptions> = { routingId: Uint8Array.of(1), linger: 0, mandatory: undefined };
// @ts-expect-error A Push has no receiveHighWaterMark.
const wrongName: Settable<PushOptions> = { receiveHighWaterMark: 1 };
// @ts-expect-error What only shows something is not for constructors.
const wrongReadonly: Settable<PushOptions> = { lastEndpoint: "tcp://127.0.0.1:1" };

interface Member {
  readonly name: string;
  readonly doc: string;
}

interface Declared {
  readonly members: readonly Member[];
  readonly above: readonly string[];
}

/** The interfaces of the option files, by name. */
const declared = new Map<string, Declared>();
for (const file of ["option-types", "common-options", "refused-option-types", "context-options"]) {
  const path = `src/core/${file}.ts`;
  walk(parse(path), (node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    const above = (node.heritageClauses ?? []).flatMap((clause) =>
      clause.types.map((type) => type.expression.getText()),
    );
    const members = node.members.map((member) => ({
      name: member.name?.getText() ?? "",
      doc: ts
        .getJSDocCommentsAndTags(member)
        .map((doc) => (typeof doc.comment === "string" ? doc.comment.replaceAll(/\s+/g, " ") : ""))
        .join(" "),
    }));
    declared.set(node.name.text, { members, above });
  });
}

function membersOf(name: string): Member[] {
  const found = declared.get(name);
  assert.ok(found !== undefined, `no interface ${name}`);
  return [...found.members, ...found.above.flatMap(membersOf)];
}

const isShownOnly = (name: string): boolean => Object.hasOwn(READONLY_OPTIONS, name);

test("the types of the three views agree", () => {
  assert.ok(sameNames && sameTypes && sameReadonly);
  assert.ok(settable && wrongName && wrongReadonly);
});

test("each class's interface has the options that the table gives to its type", () => {
  assert.equal(SOCKET_CLASSES.length, 21);
  for (const [type, className] of SOCKET_CLASSES.entries()) {
    assert.equal(SocketType[className], type);
    const names = new Set(membersOf(`${className}Options`).map((member) => member.name));
    const writable = [...names].filter((name) => !isShownOnly(name));
    assert.deepEqual(writable.sort(), socketOptionNames(type as SocketType).sort(), className);
    for (const name of Object.keys(READONLY_OPTIONS)) {
      assert.equal(names.has(name), hasReadonly(type as SocketType, name), `${className}.${name}`);
    }
  }
});

function checkDoc(row: OptionRow<unknown>, { name, doc }: Member): void {
  assert.ok(doc.length > 0, `${name} has no docstring`);
  if (row.isReadonly !== true) {
    const initial = JSON.stringify(row.show(row.initial)).replaceAll(".", "\\.");
    assert.match(doc, new RegExp(`Default ${initial}[.,;]`), `${name}: its default is ${initial}`);
  }
  for (const [native] of row.libzmq?.matchAll(/ZMQ_\w+/g) ?? []) {
    assert.match(doc, new RegExp(`\\b${native}\\b`), `${name} is ${native}`);
  }
  assert.equal(/ENOTSUP/.test(doc), row.refused !== undefined, `${name}: ENOTSUP`);
}

test("each docstring tells the default, libzmq's name, what is refused and when it applies", () => {
  const documented = new Set<string>();
  // What the head of an interface says for all its members need not be said again.
  const saidOnce = new Set([...membersOf("RefusedOptions")].map((member) => member.name));
  for (const className of SOCKET_CLASSES) {
    for (const member of membersOf(`${className}Options`)) {
      if (!isOptionName(member.name) || member.doc === "") continue;
      const row: OptionRow<unknown> = SOCKET_OPTIONS[member.name];
      documented.add(member.name);
      checkDoc(row, member);
      if (saidOnce.has(member.name)) continue;
      assert.equal(
        /Applies at the next bind or connect\./.test(member.doc),
        row.applied === "next",
        member.name,
      );
    }
  }
  assert.deepEqual([...documented].sort(), Object.keys(SOCKET_OPTIONS).sort());
});

test("the options of contexts are documented likewise", () => {
  const members = membersOf("ContextOptions");
  assert.deepEqual(members.map((member) => member.name).sort(), Object.keys(CONTEXT_OPTIONS).sort());
  for (const member of members)
    checkDoc(CONTEXT_OPTIONS[member.name as keyof typeof CONTEXT_OPTIONS], member);
});

test("no two options share a name or a number of libzmq", () => {
  const seen = new Set<string>();
  for (const [name, row] of Object.entries(SOCKET_OPTIONS) as [string, OptionRow<unknown>][]) {
    for (const native of row.libzmq?.split(", ") ?? []) {
      const [word, number] = native.split(" ");
      assert.match(native, /^ZMQ_[A-Z0-9_]+ \d+$/, name);
      assert.ok(!seen.has(word!) && !seen.has(number!), `${name}: ${native} stands twice`);
      seen.add(word!).add(number!);
    }
  }
});

test("each default is a value that its row takes", () => {
  const rows: OptionRow<unknown>[] = [...Object.values(SOCKET_OPTIONS), ...Object.values(CONTEXT_OPTIONS)];
  for (const row of rows)
    assert.deepEqual(row.accept(row.show(row.initial), row.initial), row.initial, row.takes);
});

test("options belong to the types that have them", () => {
  assert.ok(hasOption(SocketType.Push, "sendHighWaterMark"));
  assert.ok(!hasOption(SocketType.Push, "receiveHighWaterMark"));
  assert.ok(!hasOption(SocketType.Subscriber, "sendTimeout"));
  assert.ok(isOptionName("linger") && !isOptionName("toString") && !isOptionName("type"));
});

test("what only shows something belongs to all types, but for topicsCount", () => {
  for (const type of SOCKET_CLASSES.keys()) assert.ok(hasReadonly(type as SocketType, "lastEndpoint"));
  assert.ok(hasReadonly(SocketType.XSubscriber, "topicsCount"));
  assert.ok(!hasReadonly(SocketType.Push, "topicsCount"));
  assert.ok(!hasReadonly(SocketType.Push, "linger") && !hasReadonly(SocketType.Push, "toString"));
});
