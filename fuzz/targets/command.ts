import assert from "node:assert/strict";
import { bytesKey } from "../../src/base/bytes.ts";
import {
  commandDataStart,
  commandIs,
  encodeCommand,
  encodeError,
  encodePong,
  parseCommandName,
  parseError,
  parsePingTtl,
  parseReady,
} from "../../src/wire/command.ts";
import { encodeMetadata } from "../../src/wire/metadata.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { refusalOf, type Target } from "../target.ts";

const NAMES = ["READY", "ERROR", "PING", "PONG", "SUBSCRIBE", "CANCEL", "JUNK", "ping", "x".repeat(255)];

function input(random: Random): Uint8Array {
  if (random.chance(0.05)) return random.octets(random.below(40));
  const name = random.pick(NAMES);
  if (name === "ERROR" && random.chance(0.7))
    return mutate(random, encodeError(random.pick(["400", "", "abc"])), 3);
  const data =
    name === "READY"
      ? encodeMetadata([["Socket-Type", random.octets(4)]])
      : random.octets(random.pick([0, 1, 2, 3, 18, 19, 255]));
  return mutate(random, encodeCommand(name, data), 3);
}

export const command: Target = {
  invariant:
    "a name is found where the grammar has one, a PONG echoes received octets only; throws ProtocolError only",
  smokeRounds: 20_000,
  round(random) {
    const body = input(random);
    const around = Uint8Array.from([...random.octets(3), ...body, ...random.octets(30)]);
    const start = 3;
    const end = 3 + body.length;
    const text = Buffer.from(body).toString("latin1");
    const isLegal =
      body.length > 0 && /^[A-Za-z]+$/.test(text.slice(1, 1 + body[0]!)) && body.length > body[0]!;
    assert.equal(refusalOf(() => commandDataStart(around, start, end)) === undefined, isLegal);
    for (const name of NAMES) {
      const isNamed = isLegal && text.slice(1, 1 + body[0]!) === name;
      if (isLegal) assert.equal(parseCommandName(around, start, end) === name, isNamed);
      assert.equal(
        commandIs(around, name, start, end),
        text.startsWith(String.fromCharCode(name.length) + name),
      );
    }
    refusalOf(() => parseReady(around, start, end));
    refusalOf(() => {
      const { reason, status } = parseError(around, start, end);
      assert.match(reason, /^[\x20-\x7e]{0,255}$/);
      assert.equal(status === undefined, !["300", "400", "500"].includes(reason));
    });
    refusalOf(() => {
      const ttl = parsePingTtl(around, start, end);
      const data = body.subarray(1 + body[0]!);
      assert.ok(data.length >= 2);
      assert.equal(ttl, data[0]! * 256 + data[1]!);
      assert.equal(bytesKey(encodePong(around, start, end)), `\x04PONG${bytesKey(data.subarray(2, 18))}`);
    });
  },
};
