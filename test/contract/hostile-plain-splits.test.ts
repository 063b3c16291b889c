// Section F of the hostile inputs through the engine, on both sides: whole, octet by octet and split at every offset. The
// same over connections, with a good peer beside it: hostile-plain.test.ts and hostile-zap.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask, Verdict } from "../../src/security/authenticator.ts";
import { ADMITTED } from "../../src/security/authenticator.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { PlainClient } from "../../src/security/plain-client.ts";
import { PlainServer } from "../../src/security/plain-server.ts";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";

const HELLO_CODE = "ERR_ZMTP_MALFORMED_COMMAND_HELLO";
const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const METADATA = "ERR_ZMTP_INVALID_METADATA";
const MISMATCH = "ERR_ZMTP_MECHANISM_MISMATCH";

const GREETING = zmtp.greeting({ mechanism: "PLAIN" });
const TYPE = zmtp.property("Socket-Type", "PUSH");
const HELLO = zmtp.command("HELLO", "\x03joe\x06secret");
const INITIATE = zmtp.command("INITIATE", TYPE);
const WELCOME = zmtp.command("WELCOME");
const LATE = zmtp.message("late");

function pull() {
  return { socketTypeName: "PULL", routingId: new Uint8Array(0), announcesIdentity: false } as const;
}

const admit: Ask = (_request, answer) => void answer(ADMITTED);
const refuse =
  (status: Verdict["status"]): Ask =>
  (_request, answer) =>
    void answer({ ...ADMITTED, status });
/** The handler has the question, and no answer comes. */
const wait: Ask = () => undefined;

type Meet = () => EngineProbe;

const serverOf =
  (ask: Ask, ...heard: Buffer[]): Meet =>
  () =>
    started(new EngineProbe("PULL", { mechanism: new PlainServer(pull(), ask) }), heard);

const clientOf =
  (...heard: Buffer[]): Meet =>
  () => {
    const identity = { ...pull(), socketTypeName: "PUSH" } as const;
    const [username, password] = [Buffer.from("joe"), Buffer.from("secret")];
    const mechanism = new PlainClient(identity, { username, password });
    return started(new EngineProbe("PUSH", { mechanism }), heard);
  };

const askingNull =
  (ask: Ask, ...heard: Buffer[]): Meet =>
  () =>
    started(new EngineProbe("PULL", { mechanism: new NullMechanism(pull(), ask) }), heard);

function started(probe: EngineProbe, heard: readonly Buffer[]): EngineProbe {
  probe.engine.start(0);
  for (const octets of heard) probe.receive(octets);
  assert.equal(probe.failures.length, 0);
  probe.takeSent();
  return probe;
}

interface Row {
  readonly title: string;
  readonly code: string;
  readonly meet: Meet;
  readonly octets: Buffer;
  /** Commands that the victim may say in between, or at its end. */
  readonly says?: RegExp;
}

const greeted = serverOf(admit, GREETING);
const welcomed = serverOf(admit, GREETING, HELLO);
const asked = serverOf(wait, GREETING, HELLO);

const hellos = ["\xffAA", "", "\x01A", "\x00", "\x03joe\x06secre", "\x03joe\x06secret\x00", "\x00\x00\x00"];
const outOfTurn: [string, Buffer][] = [
  ["INITIATE", INITIATE],
  ["READY", zmtp.command("READY", TYPE)],
  ["WELCOME", WELCOME],
  ["MESSAGE", zmtp.command("MESSAGE", "x")],
  ["a message", zmtp.message("early")],
  ["HELLO as a message", zmtp.frame(0, zmtp.commandBody("HELLO", "\x00\x00"))],
  ["hello", zmtp.command("hello", "\x00\x00")],
];

const rows: Row[] = [
  ...["NULL", "CURVE", "plain", "PLAIN\0X"].map((mechanism) => ({
    title: `A10: a greeting of ${JSON.stringify(mechanism)} for a server`,
    code: MISMATCH,
    meet: serverOf(admit),
    octets: Buffer.concat([zmtp.greeting({ mechanism }), HELLO, LATE]),
  })),
  ...hellos.map((data) => ({
    title: `F01: HELLO ${JSON.stringify(data)}`,
    code: HELLO_CODE,
    meet: greeted,
    octets: zmtp.command("HELLO", data),
  })),
  ...outOfTurn.map(([name, octets]) => ({
    title: `F02: ${name} instead of HELLO`,
    code: UNEXPECTED,
    meet: greeted,
    octets,
  })),
  ...outOfTurn
    .filter(([name]) => name !== "INITIATE")
    .map(([name, octets]) => ({
      title: `F02: ${name} instead of INITIATE`,
      code: UNEXPECTED,
      meet: welcomed,
      octets,
    })),
  {
    title: "F02: HELLO twice",
    code: UNEXPECTED,
    meet: greeted,
    octets: Buffer.concat([HELLO, HELLO]),
    says: /^WELCOME$/,
  },
  {
    title: "F02: an ERROR of the client",
    code: "AUTH_400",
    meet: welcomed,
    octets: zmtp.error("400"),
  },
  ...[zmtp.property("Socket-Type", "PUB"), Buffer.of(5), Buffer.concat([TYPE, zmtp.property("", "x")])].map(
    (metadata, i) => ({
      title: `D04 to D07: metadata of INITIATE, ${i}`,
      code: METADATA,
      meet: welcomed,
      octets: zmtp.command("INITIATE", metadata),
      says: /^(READY|ERROR)/,
    }),
  ),
  ...([300, 400, 500] as const).map((status) => ({
    title: `F08: what follows a HELLO that is refused with ${status}`,
    code: `AUTH_${status}`,
    meet: serverOf(refuse(status), GREETING),
    octets: Buffer.concat([HELLO, INITIATE, LATE]),
    says: new RegExp(`^E?RROR\\x03${status}$`),
  })),
  {
    title: "F09: traffic behind HELLO before the answer",
    code: UNEXPECTED,
    meet: asked,
    octets: zmtp.message("early"),
  },
  {
    title: "F09: INITIATE before the answer",
    code: UNEXPECTED,
    meet: asked,
    octets: Buffer.concat([INITIATE, LATE]),
  },
  ...outOfTurn
    .filter(([name]) => name !== "WELCOME")
    .map(([name, octets]) => ({
      title: `F02: ${name} instead of WELCOME`,
      code: UNEXPECTED,
      meet: clientOf(GREETING),
      octets,
    })),
  {
    title: "A14: HELLO for a client",
    code: UNEXPECTED,
    meet: clientOf(GREETING),
    octets: HELLO,
  },
  {
    title: "F03: WELCOME with something in it",
    code: "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
    meet: clientOf(GREETING),
    octets: zmtp.command("WELCOME", "x"),
  },
  {
    title: "F02: WELCOME twice",
    code: UNEXPECTED,
    meet: clientOf(GREETING),
    octets: Buffer.concat([WELCOME, WELCOME]),
    says: /^INITIATE/,
  },
  {
    title: "F02: a message behind WELCOME",
    code: UNEXPECTED,
    meet: clientOf(GREETING, WELCOME),
    octets: LATE,
  },
  {
    title: "F03: READY that is cut",
    code: METADATA,
    meet: clientOf(GREETING, WELCOME),
    octets: zmtp.command("READY", "\x05"),
  },
  ...["300", "400", "500"].flatMap((status) =>
    // libzmq's form is the second.
    [zmtp.error(status), zmtp.frame(zmtp.COMMAND, `\x5eRROR\x03${status}`)].flatMap((octets, form) => [
      {
        title: `F03: ERROR ${status} instead of WELCOME, form ${form}`,
        code: `AUTH_${status}`,
        meet: clientOf(GREETING),
        octets,
      },
      {
        title: `F03: ERROR ${status} instead of READY, form ${form}`,
        code: `AUTH_${status}`,
        meet: clientOf(GREETING, WELCOME),
        octets,
      },
    ]),
  ),
  {
    title: "F03: ERROR that is cut",
    code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
    meet: clientOf(GREETING),
    octets: zmtp.command("ERROR", "\x05400"),
  },
  {
    title: "F09: NULL with a domain, traffic before the answer",
    code: UNEXPECTED,
    meet: askingNull(wait, zmtp.greeting()),
    octets: Buffer.concat([zmtp.ready("PUSH"), zmtp.message("early")]),
  },
  ...([300, 400, 500] as const).map((status) => ({
    title: `F08: NULL with a domain, refused with ${status}`,
    code: `AUTH_${status}`,
    meet: askingNull(refuse(status)),
    octets: Buffer.concat([zmtp.greeting(), zmtp.ready("PUSH"), LATE]),
    says: new RegExp(`^ERROR\\x03${status}$`),
  })),
];

/** The names and data of the commands that a probe said. */
function commandsOf(probe: EngineProbe): string[] {
  const sent = probe.takeSent();
  // A greeting may stand before them.
  const frames = sent[0] === 0xff ? sent.subarray(64) : sent;
  const commands: string[] = [];
  for (let at = 0; at < frames.length; ) {
    const size = frames[at + 1] as number;
    commands.push(frames.toString("latin1", at + 3, at + 2 + size));
    at += 2 + size;
  }
  return commands;
}

function check(row: Row, give: (probe: EngineProbe) => void, shape: string): void {
  const probe = row.meet();
  give(probe);
  assert.equal(probe.failureCode, row.code, shape);
  assert.deepEqual(probe.texts, [], shape);
  for (const said of commandsOf(probe)) assert.match(said, row.says ?? /^$/, shape);
  probe.receive(LATE);
  assert.equal(probe.failures.length, 1, "it fails once, and hears nothing more");
  assert.deepEqual(probe.texts, []);
}

for (const row of rows) {
  test(row.title, () => {
    const { octets } = row;
    check(row, (probe) => probe.receive(octets), "whole");
    const slowly = (probe: EngineProbe) => {
      for (const octet of octets) probe.receive(Uint8Array.of(octet));
    };
    check(row, slowly, "octet by octet");
    for (let at = 1; at < octets.length; at++) {
      const inTwo = (probe: EngineProbe) => {
        probe.receive(octets.subarray(0, at));
        probe.receive(octets.subarray(at));
      };
      check(row, inTwo, `split at ${at}`);
    }
  });
}
