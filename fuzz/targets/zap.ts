import assert from "node:assert/strict";
import type { Message } from "../../src/base/message.ts";
import { installPlatform } from "../../src/base/platform.ts";
import { SocketType } from "../../src/base/socket-type.ts";
import { createContextOptions } from "../../src/core/context-options.ts";
import { unknownPeer } from "../../src/core/link.ts";
import type { PipeHost, PipeTransport } from "../../src/core/transport.ts";
import { ZapClient } from "../../src/core/zap-client.ts";
import { createLocalPipe } from "../../src/pipe/local-pipe.ts";
import type { Pipe } from "../../src/pipe/pipe.ts";
import type { Outcome } from "../../src/security/authenticator.ts";
import { encodeMetadata } from "../../src/wire/metadata.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";
import { parseNaively } from "./metadata.ts";

const QUESTION = {
  domain: "global",
  address: "10.0.0.1",
  identity: Buffer.alloc(0),
  mechanism: "PLAIN",
  credentials: [Buffer.from("joe"), Buffer.from("secret")],
  timeoutMs: 0,
};

/** A client and the handler's end of its pipe. */
function meetHandler(): { readonly client: ZapClient; readonly handler: Pipe } {
  const peer = { ...unknownPeer("inproc://zap", "inproc://zap", true), socketType: SocketType.Router };
  const marks = { firstToSecondHwm: 0, secondToFirstHwm: 0, conflate: false };
  const [ours, handler] = createLocalPipe(marks, peer, peer);
  const ignore = (): undefined => undefined;
  handler.events = { onReadable: ignore, onWritable: ignore, onPeerClosed: ignore, onDrained: ignore };
  const transport = {
    kind: "pipe",
    scheme: "inproc",
    isBound: () => true,
    connect(_name: string, host: PipeHost) {
      assert.ok(host.attachPipe(ours, null) && host.identifyPipe(ours));
      // As an inproc pipe does where nothing has been read yet.
      ours.checkReadable();
      return { pipe: ours, disconnect: () => ours.close("peer-gone") };
    },
  } as unknown as PipeTransport;
  const client = new ZapClient({ optionValues: createContextOptions(), pipeTransports: [transport] });
  return { client, handler };
}

/** A reply as it travels to a DEALER, with up to three faults. */
function reply(random: Random, id: string): Uint8Array[] {
  const status = random.pick(["200", "200", "200", "300", "400", "500", "100", "2000", "", "20"]);
  const user = status === "200" || random.chance(0.1) ? random.octets(random.pick([0, 3, 255, 256])) : "";
  const properties = encodeMetadata([
    ["role", random.octets(random.below(9))],
    ["X-a", random.octets(random.pick([0, 1, 300]))],
  ]);
  const metadata = random.chance(0.7) ? properties : mutate(random, properties, 2);
  const text = random.octets(random.pick([0, 2, 255, 256]));
  const large = random.chance(0.02) ? encodeMetadata([["role", new Uint8Array(65_536)]]) : metadata;
  const frames = ["", "1.0", id, status, text, user, random.chance(0.3) ? "" : large].map((frame) =>
    Buffer.from(frame as string),
  ) as Uint8Array[];
  for (let count = random.chance(0.5) ? 0 : random.below(3); count > 0 && frames.length > 0; count--) {
    const at = random.below(frames.length);
    const kind = random.below(5);
    if (kind === 0) frames.splice(at, 1);
    else if (kind === 1) frames.splice(at, 0, random.octets(random.below(4)));
    else if (frames[at]!.length > 0) frames[at] = mutate(random, frames[at]!, 2);
  }
  return frames;
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString("latin1");
}

/** What a reply says, `status user`, or `refused`: 27/ZAP, Message Format, frame by frame. */
function readNaively(frames: readonly Uint8Array[]): string {
  const refused = "refused";
  if (frames.length !== 7) return refused;
  const [delimiter, version, , status, text, user] = frames.map(latin1) as string[];
  if (delimiter !== "" || version !== "1.0" || !/^[2345]00$/.test(status!)) return refused;
  if (text!.length > 255 || user!.length > 255) return refused;
  if (status !== "200") return user === "" ? `${status} ` : refused;
  const metadata = Buffer.from(frames[6]!);
  if (metadata.length > 65_536 || parseNaively(metadata) === undefined) return refused;
  return `200 ${Buffer.from(user!, "latin1").toString("utf8")}`;
}

function outcomeText(outcome: Outcome | null): string {
  assert.ok(outcome !== null);
  if (!(outcome instanceof Error)) return `${outcome.status} ${outcome.userId}`;
  assert.equal(outcome.name, "ProtocolError");
  assert.match((outcome as Error & { code: string }).code, /^ERR_ZAP_/);
  return "refused";
}

/** What a handler said: to which question it is an answer, and which one. The oldest gets what answers no question. */
function settleNaively(open: Map<string, number>, askedCount: number, frames: readonly Uint8Array[]) {
  const id = frames[2] === undefined ? "" : latin1(frames[2]);
  const known = open.get(id);
  if (known !== undefined) {
    open.delete(id);
    return { question: known, text: readNaively(frames) };
  }
  const isOld = /^[1-9][0-9]*$/.test(id) && id.length < 17 && Number(id) <= askedCount;
  const [oldest] = open;
  if (isOld || oldest === undefined) return undefined;
  open.delete(oldest[0]);
  return { question: oldest[1], text: "refused" };
}

export const zap: Target = {
  invariant:
    "a question is answered once, by the reply with its id, and 200 only by a reply without any fault; never throws",
  smokeRounds: 5_000,
  prepare: () => {
    installPlatform({ setTimer: () => 0, clearTimer: () => undefined });
    return Promise.resolve();
  },
  round(random) {
    const { client, handler } = meetHandler();
    const answers: string[] = [];
    const expected: string[] = [];
    const open = new Map<string, number>();
    const ids: string[] = [];
    let isTold = false;
    for (let step = random.between(1, 16); step > 0; step--) {
      if (random.chance(0.4)) {
        const question = ids.length;
        const outcomes: string[] = [];
        client.ask(QUESTION, (outcome) => {
          outcomes.push(outcomeText(outcome));
          assert.equal(outcomes.length, 1, "a question was answered twice");
          answers.push(`${question}: ${outcomes[0]}`);
        });
        const id = latin1((handler.tryRead() as Message)[2] as Uint8Array);
        assert.ok(!ids.includes(id), "an id was given twice");
        ids.push(id);
        open.set(id, question);
        isTold = true;
      } else if (isTold) {
        const strange = random.pick(["", "0", "01", "999", "-1", "1e0", "x".repeat(300)]);
        const frames = reply(random, random.chance(0.85) ? random.pick(ids) : strange);
        const settled = settleNaively(open, ids.length, frames);
        if (settled !== undefined) expected.push(`${settled.question}: ${settled.text}`);
        assert.ok(handler.tryWrite(frames as Message, true));
      }
      assert.deepEqual(answers, expected);
      assert.equal(client.pendingCount, open.size);
    }
  },
};
