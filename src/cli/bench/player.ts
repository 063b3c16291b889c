import type { Pull, Push, Reply, Request } from "../../index.ts";
import { curvePublicKey } from "../../index.ts";
import { quantile } from "./figures.ts";
import type { Library } from "./library.ts";
import type { Part, Said } from "./part.ts";

const BATCH_COUNT = 256;

/** One process of an exchange: it is set up once, and then runs as many messages as it is told. */
export interface Player {
  /** The endpoint that it is at. */
  readonly endpoint: string;
  /** Answers what was measured. `say` tells that it listens. */
  run(count: number, say: (said: Said) => Promise<void>): Promise<Said>;
  close(): void;
}

/** `secretKey`: of the measurement's own pair, which both ends have; with CURVE. */
export async function makePlayer(library: Library, part: Part, secretKey?: string): Promise<Player> {
  const { endpoint } = part;
  const { server, client } = toSecurity(part, secretKey);
  switch (part.role) {
    case "pull":
      return pulling(await bound(new library.Pull(server), endpoint), part);
    case "push":
      return pushing(connected(new library.Push({ linger: 0, ...client }), endpoint), part);
    case "rep":
      return replying(await bound(new library.Reply({ linger: 0, ...server }), endpoint));
    case "req":
      return requesting(connected(new library.Request({ linger: 0, ...client }), endpoint), part);
    case "inproc-push-pull": {
      const receiver = pulling(await bound(new library.Pull(), endpoint), part);
      return together(receiver, pushing(connected(new library.Push({ linger: 0 }), endpoint), part));
    }
    case "inproc-req-rep": {
      const replier = replying(await bound(new library.Reply({ linger: 0 }), endpoint));
      return together(requesting(connected(new library.Request({ linger: 0 }), endpoint), part), replier);
    }
  }
}

function toSecurity({ mechanism }: Part, curveSecretKey: string | undefined) {
  if (mechanism === "NULL" || curveSecretKey === undefined) return { server: {}, client: {} };
  const publicKey = curvePublicKey(curveSecretKey);
  return {
    server: { curveServer: true, curveSecretKey },
    client: { curveServerKey: publicKey, curvePublicKey: publicKey, curveSecretKey },
  };
}

async function bound<S extends Pull | Reply>(socket: S, endpoint: string): Promise<S> {
  await socket.bind(endpoint);
  return socket;
}

function connected<S extends Push | Request>(socket: S, endpoint: string): S {
  socket.connect(endpoint);
  return socket;
}

/** Both ends in one process: `measured` gives the figures. */
function together(measured: Player, other: Player): Player {
  return {
    endpoint: measured.endpoint,
    async run(count, say) {
      const [result] = await Promise.all([measured.run(count, say), other.run(count, say)]);
      return result;
    },
    close() {
      measured.close();
      other.close();
    },
  };
}

/** From the first message that arrives to the last. */
function pulling(socket: Pull, { mode }: Part): Player {
  const closed = closing(socket);
  return {
    ...closed,
    async run(count, say) {
      await say({ event: "armed" });
      await socket.receive();
      const beganAt = process.hrtime.bigint();
      for (let left = count - 1; left > 0; ) {
        if (mode === "batch") {
          left -= (await socket.receiveMany(Math.min(left, BATCH_COUNT))).length;
        } else {
          await socket.receive();
          left--;
        }
      }
      return { event: "result", count: count - 1, ns: Number(process.hrtime.bigint() - beganAt) };
    },
  };
}

function pushing(socket: Push, { mode, size }: Part): Player {
  const body = Buffer.alloc(size, 0x2e);
  const batch = Array.from({ length: BATCH_COUNT }, () => body);
  return {
    ...closing(socket),
    async run(count) {
      if (mode === "batch") {
        for (let left = count; left > 0; left -= BATCH_COUNT) {
          await socket.sendMany(left < BATCH_COUNT ? batch.slice(0, left) : batch);
        }
      } else {
        for (let sent = 0; sent < count; sent++) await socket.send(body);
      }
      return { event: "sent" };
    },
  };
}

/** Answers for ever. */
function replying(socket: Reply): Player {
  void (async () => {
    for await (const message of socket) await socket.send(message);
  })();
  return { ...closing(socket), run: async () => ({ event: "sent" }) };
}

/** Round trips, each timed. */
function requesting(socket: Request, { size }: Part): Player {
  const body = Buffer.alloc(size, 0x2e);
  return {
    ...closing(socket),
    async run(count) {
      const trips: number[] = [];
      let total = 0n;
      for (let done = 0; done < count; done++) {
        const beganAt = process.hrtime.bigint();
        await socket.send(body);
        await socket.receive();
        const took = process.hrtime.bigint() - beganAt;
        total += took;
        trips.push(Number(took));
      }
      return {
        event: "result",
        count,
        ns: Number(total),
        p50: quantile(trips, 0.5),
        p99: quantile(trips, 0.99),
      };
    },
  };
}

function closing(socket: Pull | Push | Reply | Request): Pick<Player, "endpoint" | "close"> {
  return { endpoint: socket.lastEndpoint ?? "", close: () => void socket.close() };
}
