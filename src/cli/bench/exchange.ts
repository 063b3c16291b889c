import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { curveKeyPair } from "../../index.ts";
import { Child } from "./child.ts";
import type { LibraryName } from "./library.ts";
import type { BenchMechanism, Part } from "./part.ts";

export type Transport = "tcp" | "ipc" | "inproc";
export type Kind = "throughput" | "latency";

/** Who is measured, and how it calls. */
export interface Contender {
  readonly name: string;
  readonly library: LibraryName;
  readonly mode: "await" | "batch";
}

export interface Plan {
  readonly kind: Kind;
  readonly transport: Transport;
  readonly size: number;
  readonly mechanism: BenchMechanism;
  /** Messages of a round; `undefined`: as many as fit into `roundMs`. */
  readonly count: number | undefined;
  readonly roundMs: number;
}

/** One round. */
export interface Sample {
  /** Messages per second, or microseconds of a round trip (the median of the round). */
  readonly value: number;
  readonly p99?: number;
}

const FIRST_COUNT: Readonly<Record<Kind, number>> = { throughput: 2_000, latency: 200 };
const PATIENCE_MS = 30_000;
const GROWTH_MAX = 8;

/** The processes of one contender, kept for all its rounds. */
export class Exchange {
  readonly #plan: Plan;
  readonly #children: Child[];
  readonly #folder: string;
  #count: number;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#folder = mkdtempSync(join(tmpdir(), "zmq-bench-"));
    this.#children = [];
    this.#count = plan.count ?? FIRST_COUNT[plan.kind];
  }

  static async start(plan: Plan, contender: Contender): Promise<Exchange> {
    const exchange = new Exchange(plan);
    try {
      await exchange.#setUp(contender);
      return exchange;
    } catch (error) {
      exchange.end();
      throw error;
    }
  }

  async #setUp({ library, mode }: Contender): Promise<void> {
    const { kind, transport, size, count, mechanism } = this.#plan;
    const isThroughput = kind === "throughput";
    const first = this.#endpoint(transport);
    const secretKey = mechanism === "CURVE" ? curveKeyPair().secretKey : undefined;
    const begin = async (role: Part["role"], endpoint: string): Promise<string> => {
      const part = { library, mode, size, role, endpoint, mechanism };
      const child = new Child(part, PATIENCE_MS + 10 * this.#plan.roundMs, secretKey);
      this.#children.push(child);
      return (await child.expect("ready")).endpoint;
    };
    if (transport === "inproc") await begin(isThroughput ? "inproc-push-pull" : "inproc-req-rep", first);
    else await begin(isThroughput ? "push" : "req", await begin(isThroughput ? "pull" : "rep", first));
    if (count === undefined) await this.#calibrate();
    else await this.run();
  }

  /** Warms the processes up, until a round takes about as long as it shall; code that is still cold says little. */
  async #calibrate(): Promise<void> {
    const { roundMs } = this.#plan;
    for (let tookMs = 0; tookMs < roundMs / 2; ) {
      const beganAt = performance.now();
      await this.run();
      tookMs = performance.now() - beganAt;
      const factor = Math.min(GROWTH_MAX, roundMs / Math.max(1, tookMs));
      this.#count = Math.max(2, Math.ceil(this.#count * factor));
    }
  }

  #endpoint(transport: Transport): string {
    if (transport === "inproc") return "inproc://bench";
    return transport === "tcp" ? "tcp://127.0.0.1:*" : `ipc://${join(this.#folder, "bench")}`;
  }

  /** One round. */
  async run(): Promise<Sample> {
    const [server, client = server] = this.#children as [Child, Child?];
    const line = `run ${this.#count}`;
    if (this.#plan.kind === "latency") {
      client.tell(line);
      const { p50 = Number.NaN, p99 = Number.NaN } = await client.expect("result");
      return { value: p50 / 1_000, p99: p99 / 1_000 };
    }
    server.tell(line);
    await server.expect("armed");
    if (client !== server) client.tell(line);
    const { count, ns } = await server.expect("result");
    if (client !== server) await client.expect("sent");
    return { value: count / (ns / 1e9) };
  }

  end(): void {
    for (const child of this.#children) child.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
