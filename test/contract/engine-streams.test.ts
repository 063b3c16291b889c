// Every engine runs the same suite: whatever the stream is cut into, and whatever the sink refuses.

import { installPlatform } from "../../src/base/platform.ts";
import { RawEngine } from "../../src/engine/raw-engine.ts";
import { ZmtpEngine } from "../../src/engine/zmtp-engine.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";
import { decodeNaively } from "../oracle/naive-decoder.ts";
import * as zmtp from "../peers/octets.ts";
import type { EngineMaker } from "./engine-suite.ts";
import { describeEngine } from "./engine-suite.ts";

installPlatform(nodePlatform);

const NO_LIMITS = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: Number.POSITIVE_INFINITY };

function zmtpMaker(minor: number, heartbeatIntervalMs: number): EngineMaker {
  return {
    make: (sink) => {
      const socketTypeName = "DEALER";
      const routingId = new Uint8Array(0);
      const options = {
        socketTypeName,
        routingId,
        maxMessageSize: -1,
        maxMultipartSize: -1,
        maxFramesPerMessage: 100,
        maxCommandSize: 65_536,
        maxHandshakeSize: 65_536,
        handshakeIntervalMs: 30_000,
        heartbeatIntervalMs,
        heartbeatTimeoutMs: -1,
        heartbeatTtlMs: 0,
      } as const;
      const mechanism = new NullMechanism({ socketTypeName, routingId, announcesIdentity: true });
      const engine = new ZmtpEngine(options, mechanism, sink);
      return { engine, start: (now) => engine.start(now) };
    },
    opening: Buffer.concat([zmtp.greeting({ minor }), zmtp.ready("ROUTER")]),
    encode: (message) => zmtp.message(...message),
    decode: (output) => {
      const messages: Uint8Array[][] = [];
      let frames: Uint8Array[] = [];
      for (const { flags, body } of decodeNaively(output, NO_LIMITS).frames) {
        frames.push(body);
        if ((flags & zmtp.MORE) !== 0) continue;
        messages.push(frames);
        frames = [];
      }
      return messages;
    },
    hasBorders: true,
  };
}

describeEngine("ZMTP 3.1", zmtpMaker(1, 0));
describeEngine("ZMTP 3.0", zmtpMaker(0, 0));
describeEngine("ZMTP 3.1 with heartbeats", zmtpMaker(1, 2_000_000));
describeEngine("raw", {
  make: (sink) => {
    const engine = new RawEngine(sink);
    return { engine, start: (now) => engine.start(now) };
  },
  opening: new Uint8Array(0),
  encode: (message) => Buffer.concat(message),
  decode: (output) => [[output]],
  hasBorders: false,
});
