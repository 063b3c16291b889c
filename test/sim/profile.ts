import type { Random } from "../../fuzz/random.ts";
import type { NodeOptions } from "./node.ts";
import type { WireOptions } from "./wire.ts";

export interface Profile {
  readonly node: Omit<NodeOptions, "type">;
  readonly wire: WireOptions;
  readonly faults: readonly ("reset" | "fin" | "silence")[];
  readonly faultEveryMs: number;
  /** Nothing happens that could let a peer seem dead. */
  readonly isHealthy: boolean;
  /** Octets are changed under way: what arrives is anything. */
  readonly isCorrupting: boolean;
}

const HEARTBEAT_INTERVAL_MS = 500;
const HEARTBEAT_TIMEOUT_MS = 1_300;

export interface ProfileWishes {
  readonly faults?: Profile["faults"];
  readonly planted?: WireOptions["planted"];
  readonly heartbeats?: boolean;
  readonly stops?: boolean;
}

/** A swarm: each seed has faults, delays and limits of its own. */
export function drawProfile(random: Random, wishes: ProfileWishes = {}): Profile {
  const faults = wishes.faults ?? (["reset", "fin", "silence"] as const).filter(() => random.chance(0.4));
  // Without heartbeats nobody would ever find out that the wire fell silent.
  const hasHeartbeats = wishes.heartbeats ?? (faults.includes("silence") || random.chance(0.5));
  const stops = wishes.stops ?? random.chance(0.5);
  const delayMeanMs = random.pick([0, 1, 20]);
  return {
    node: {
      engine: {
        maxMessageSize: -1,
        maxMultipartSize: -1,
        maxFramesPerMessage: 131_072,
        maxCommandSize: 65_536,
        maxHandshakeSize: 65_536,
        handshakeIntervalMs: 2_000,
        heartbeatIntervalMs: hasHeartbeats ? HEARTBEAT_INTERVAL_MS : 0,
        heartbeatTimeoutMs: hasHeartbeats ? HEARTBEAT_TIMEOUT_MS : -1,
        heartbeatTtlMs: hasHeartbeats && random.chance(0.5) ? random.pick([1_000, 3_000]) : 0,
      },
      stopChance: stops ? random.pick([0.01, 0.1, 0.4]) : 0,
      stopMaxMs: random.pick([1, 30]),
      timerLateMaxMs: random.pick([0, 5, 50]),
    },
    wire: {
      delayMeanMs,
      delayMaxMs: delayMeanMs * 4,
      window: random.pick([100, 5_000, 200_000]),
      pieceMax: random.pick([7, 100, 2_000, 65_536]),
      planted: wishes.planted,
    },
    faults,
    faultEveryMs: random.pick([200, 2_000]),
    isHealthy: !faults.includes("silence"),
    isCorrupting: wishes.planted === "corrupt",
  };
}
