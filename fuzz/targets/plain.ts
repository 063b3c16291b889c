import assert from "node:assert/strict";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import { ADMITTED, type Answer, type Verdict } from "../../src/security/authenticator.ts";
import { PlainClient } from "../../src/security/plain-client.ts";
import { PlainServer } from "../../src/security/plain-server.ts";
import { decodeNaively, type NaiveFrame } from "../../test/oracle/naive-decoder.ts";
import { type NaiveSession, playNaively, type SessionLimits } from "../../test/oracle/naive-session.ts";
import { EngineProbe } from "../../test/peers/engine-probe.ts";
import * as zmtp from "../../test/peers/octets.ts";
import { cut, mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";
import { limitsOf, TYPES, traffic } from "./engine.ts";

const LIMITS = { frameSizeMax: 65_536, commandSizeMax: 65_536 };
const GREETING = zmtp.greeting({ mechanism: "PLAIN" });
const NULL_GREETING = zmtp.greeting();
const PENDING: NaiveSession = { isReady: false, messages: [], hasFailed: false };
const FAILED: NaiveSession = { ...PENDING, hasFailed: true };

/** When and how the authenticator answers. */
type Verdicts = "at once" | "later" | Exclude<Verdict["status"], 200>;

function sized(octets: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(octets.length), octets]);
}

/** What the peer of a `side` says behind its greeting. */
function input(random: Random, side: "client" | "server", type: SocketTypeName): Uint8Array {
  const text = (): Uint8Array => random.octets(random.pick([0, 3, 6, 255]));
  const metadata = zmtp.property("Socket-Type", zmtp.LEGAL_PEER[type] as string);
  const commands: Buffer[] =
    side === "server"
      ? [
          zmtp.command("HELLO", Buffer.concat([sized(text()), sized(text())])),
          zmtp.command("INITIATE", metadata),
        ]
      : [
          zmtp.command("WELCOME", random.octets(random.chance(0.05) ? 3 : 0)),
          zmtp.command("READY", metadata),
        ];
  if (random.chance(0.1))
    commands.splice(random.below(3), 0, zmtp.error(random.pick(["400", "300", "no", ""])));
  if (random.chance(0.05))
    commands.splice(random.below(3), 0, zmtp.command(random.pick(["JUNK", "HELLO", "READY"])));
  const said: Buffer[] = [];
  for (let count = random.below(6); count > 0; count--) said.push(traffic(random));
  const handshake = Buffer.concat(commands);
  if (random.chance(0.3)) return Buffer.concat([handshake, mutate(random, Buffer.concat(said), 2)]);
  return Buffer.concat([mutate(random, handshake, 3), ...said]);
}

function nameOf({ flags, body }: NaiveFrame): string {
  if ((flags & 5) !== zmtp.COMMAND) return "";
  const text = Buffer.from(body).toString("latin1");
  return text.slice(0, 1 + text.charCodeAt(0));
}

/** 24/ZMTP-PLAIN: `hello = command-size %d5 "HELLO" username password`. */
function credentialsOf(frame: NaiveFrame): string[] | undefined {
  const text = Buffer.from(frame.body).toString("latin1", 6);
  const username = text.slice(1, 1 + text.charCodeAt(0));
  const rest = text.slice(1 + username.length);
  const password = rest.slice(1);
  const isWhole = username.length === text.charCodeAt(0) && password.length === rest.charCodeAt(0);
  return nameOf(frame) === "\x05HELLO" && isWhole ? [username, password] : undefined;
}

/** What the rest means once the first command is dealt with: READY of NULL stands for the second one. */
function playRest(
  type: SocketTypeName,
  rest: Uint8Array,
  second: string,
  limits: SessionLimits,
): NaiveSession {
  const { frames, errorCode } = decodeNaively(rest, LIMITS);
  const opening = frames[0];
  if (opening === undefined) return errorCode === undefined ? PENDING : FAILED;
  if (nameOf(opening) !== second) return FAILED;
  const size = ((opening.flags & zmtp.LONG) === 0 ? 2 : 9) + opening.body.length;
  const ready = zmtp.command("READY", opening.body.subarray(second.length));
  return playNaively(type, Buffer.concat([NULL_GREETING, ready, rest.subarray(size)]), limits);
}

interface Expected extends NaiveSession {
  /** User name and password that were asked about. */
  readonly asked: string[] | undefined;
}

function expect(
  side: "client" | "server",
  type: SocketTypeName,
  stream: Uint8Array,
  limits: SessionLimits,
  verdicts: Verdicts,
): Expected {
  const { frames, errorCode } = decodeNaively(stream, LIMITS);
  const first = frames[0];
  if (first === undefined) return { ...(errorCode === undefined ? PENDING : FAILED), asked: undefined };
  const size = ((first.flags & zmtp.LONG) === 0 ? 2 : 9) + first.body.length;
  const rest = stream.subarray(size);
  if (side === "client") {
    const isWelcome = nameOf(first) === "\x07WELCOME" && first.body.length === 8;
    return { ...(isWelcome ? playRest(type, rest, "\x05READY", limits) : FAILED), asked: undefined };
  }
  const asked = credentialsOf(first);
  if (asked === undefined) return { ...FAILED, asked };
  if (verdicts === "at once") return { ...playRest(type, rest, "\x08INITIATE", limits), asked };
  // Nothing may come before WELCOME, and whom the authenticator refuses hears no more.
  if (verdicts === "later" && frames.length === 1 && errorCode === undefined) return { ...PENDING, asked };
  return { ...FAILED, asked };
}

interface Meeting {
  readonly probe: EngineProbe;
  readonly asked: string[][];
  /** Gives the answer that is late. */
  readonly answer: () => void;
}

function meet(
  side: "client" | "server",
  type: SocketTypeName,
  limits: SessionLimits,
  verdicts: Verdicts,
): Meeting {
  const identity = { socketTypeName: type, routingId: new Uint8Array(0), announcesIdentity: false };
  const asked: string[][] = [];
  let late: Answer | null = null;
  const server = new PlainServer(identity, (request, answer) => {
    asked.push(request.credentials.map((one) => Buffer.from(one).toString("latin1")));
    if (verdicts === "later") late = answer;
    else answer(verdicts === "at once" ? ADMITTED : { ...ADMITTED, status: verdicts });
    return undefined;
  });
  const credentials = { username: Buffer.from("joe"), password: Buffer.from("secret") };
  const mechanism = side === "server" ? server : new PlainClient(identity, credentials);
  const probe = new EngineProbe(type, { ...limits, mechanism });
  return { probe, asked, answer: () => late?.(ADMITTED) };
}

/** Our own commands are in order, and none lets a peer in that is not. */
function checkSent(side: "client" | "server", probe: EngineProbe): void {
  const own = decodeNaively(probe.sent.subarray(64), { frameSizeMax: 300_000, commandSizeMax: 300 });
  assert.deepEqual([own.errorCode, own.restSize], [undefined, 0], "our own octets are no ZMTP");
  const names = own.frames.map(nameOf).filter((name) => name !== "\x04PONG");
  const order = side === "client" ? ["\x05HELLO", "\x08INITIATE"] : ["\x07WELCOME", "\x05READY"];
  // libzmq's ERROR begins with another octet.
  const isError = (name: string): boolean => name.includes("RROR");
  const others = names.filter((name) => !isError(name));
  assert.deepEqual(others, order.slice(0, others.length));
  // A peer of another type hears READY, and why it may not stay.
  if (side === "server" && names.includes("\x05READY"))
    assert.ok(probe.peers.length === 1 || names.some(isError));
}

export const plain: Target = {
  invariant:
    "never throws; asks about what a whole HELLO holds and nothing else; what follows means what it means with NULL",
  smokeRounds: 2_000,
  round(random) {
    const side = random.pick(["client", "server"] as const);
    const type = random.pick(TYPES);
    const limits = limitsOf(random);
    const verdicts: Verdicts = random.chance(0.6)
      ? "at once"
      : random.pick(["later", 300, 400, 500] as const);
    const stream = input(random, side, type);
    const { probe, asked, answer } = meet(side, type, limits, verdicts);
    probe.engine.start(0);
    probe.receive(GREETING);
    for (const piece of cut(random, stream)) probe.receive(piece);
    const { asked: question, ...session } = expect(side, type, stream, limits, verdicts);
    const { isReady, messages, hasFailed } = session;
    assert.deepEqual(
      { isReady: probe.peers.length === 1, messages: probe.texts, hasFailed: probe.failures.length === 1 },
      { isReady, messages, hasFailed },
    );
    assert.deepEqual(asked, question === undefined ? [] : [question]);
    answer();
    assert.equal(probe.failures.length, hasFailed ? 1 : 0);
    checkSent(side, probe);
    if (!isReady && !hasFailed) {
      probe.engine.handleDeadline(30_000, true);
      assert.equal(probe.failures.length, 1, "a handshake that does not go on never ends");
    }
  },
};
