import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding, Socket } from "../../src/index.ts";
import { curveKeyPair } from "../../src/index.ts";
import { codesOf, untilFound } from "../peers/findings.ts";
import { withPeers } from "./harness.ts";
import { subjectName } from "./libraries.ts";
import type { OpenOptions, PeerSocket } from "./peer.ts";
import type { Open, Scope } from "./scope.ts";
import { until } from "./waiting.ts";
import type { ZapRequest } from "./zap.ts";
import { ZapHandler } from "./zap.ts";

// What the solver says of security where the other side is libzmq in another process, which tells its peer nothing, or
// little: symptom 14 of users, "endless Broken pipe", in both directions.

const keys = { server: curveKeyPair(), client: curveKeyPair(), other: curveKeyPair() };
const CURVE_SERVER: OpenOptions = {
  curveServer: true,
  curvePublicKey: keys.server.publicKey,
  curveSecretKey: keys.server.secretKey,
};
const CURVE_CLIENT: OpenOptions = {
  curveServerKey: keys.server.publicKey,
  curvePublicKey: keys.client.publicKey,
  curveSecretKey: keys.client.secretKey,
};
const WRONG_KEY: OpenOptions = { ...CURVE_CLIENT, curveServerKey: keys.other.publicKey };
const PLAIN_SERVER: OpenOptions = { plainServer: true };
const PLAIN_CLIENT: OpenOptions = { plainUsername: "joe", plainPassword: "secret-word" };
const quick = { reconnectInterval: 20 };
const soon = { handshakeInterval: 300 };
const ROLES = {
  PLAIN: [PLAIN_SERVER, PLAIN_CLIENT],
  CURVE: [CURVE_SERVER, CURVE_CLIENT],
} as const;
const TCP_PEER = /^tcp:\/\/127\.0\.0\.1:\d+$/;

function core(socket: PeerSocket): Socket {
  return socket.direct as unknown as Socket;
}

/** The finding, which says nothing secret; and there is no other. */
async function found(socket: PeerSocket, code: string, haste = {}): Promise<Finding> {
  const finding = await untilFound(core(socket), code, haste);
  const said = JSON.stringify(core(socket).explain(haste));
  for (const { secretKey } of Object.values(keys)) assert.ok(!said.includes(secretKey));
  assert.ok(!said.includes("secret-word"));
  assert.deepEqual([...new Set(codesOf(core(socket), haste))], [code]);
  return finding;
}

withPeers(
  (it, kind) => {
    if (subjectName !== "zeromq-ts") return;

    const withHandler = async (
      open: Open,
      decide: (request: ZapRequest) => string,
      body: () => Promise<void>,
    ): Promise<void> => {
      const handler = await ZapHandler.open(open, decide);
      try {
        await body();
      } finally {
        await handler.end();
      }
    };

    for (const bound of ["server", "client"] as const) {
      const join = (scope: Scope, server: PeerSocket, client: PeerSocket): Promise<string> =>
        bound === "server" ? scope.join(server, client, "tcp") : scope.join(client, server, "tcp");

      it(`wrong-server-key: our client at their server closes after HELLO, the ${bound} binds`, async (scope) => {
        const pull = await scope.their("PULL", { ...CURVE_SERVER, ...quick });
        const push = await scope.our("PUSH", { ...WRONG_KEY, ...quick });
        const endpoint = await join(scope, pull, push);
        const { endpoint: at, evidence, severity, what } = await found(push, "wrong-server-key");
        assert.equal(at, endpoint);
        assert.equal(severity, bound === "server" ? "error" : "warning");
        assert.deepEqual(
          [evidence["serverKey"], evidence["publicKey"]],
          [keys.other.publicKey, keys.client.publicKey],
        );
        assert.match(what, /is probably wrong\.$/);
      });

      it(`wrong-server-key: their client and our server, the ${bound} binds`, async (scope) => {
        const pull = await scope.our("PULL", { ...CURVE_SERVER, ...quick });
        const push = await scope.their("PUSH", { ...WRONG_KEY, ...quick });
        const endpoint = await join(scope, pull, push);
        const { endpoint: at, evidence, peer } = await found(pull, "wrong-server-key");
        assert.deepEqual([at, evidence["publicKey"]], [endpoint, keys.server.publicKey]);
        assert.match(peer ?? "", TCP_PEER);
      });
    }

    for (const [theirs, theirOptions, ours, ourOptions] of [
      ["PLAIN", PLAIN_SERVER, "NULL", {}],
      ["CURVE", CURVE_SERVER, "NULL", {}],
      ["CURVE", CURVE_SERVER, "PLAIN", PLAIN_CLIENT],
      ["NULL", {}, "CURVE", CURVE_CLIENT],
      ["NULL", {}, "PLAIN", PLAIN_CLIENT],
      ["PLAIN", PLAIN_CLIENT, "CURVE", CURVE_CLIENT],
    ] as const) {
      it(`mechanism-mismatch: our ${ours} connects to their ${theirs}`, async (scope) => {
        const pull = await scope.their("PULL", theirOptions);
        const push = await scope.our("PUSH", { ...ourOptions, ...quick });
        const endpoint = await scope.join(pull, push, "tcp");
        const { endpoint: at, evidence } = await found(push, "mechanism-mismatch");
        assert.deepEqual([at, evidence["ourMechanism"]], [endpoint, ours]);
        // libzmq closes before it has said what it speaks, mostly.
        assert.ok([theirs, null].includes(evidence["peerMechanism"] as never));
      });
    }

    for (const [ours, ourOptions, theirs, theirOptions] of [
      ["PLAIN", PLAIN_SERVER, "NULL", {}],
      ["CURVE", CURVE_SERVER, "NULL", {}],
      ["CURVE", CURVE_SERVER, "PLAIN", PLAIN_CLIENT],
      ["NULL", {}, "CURVE", CURVE_CLIENT],
    ] as const) {
      it(`mechanism-mismatch: their ${theirs} connects to our ${ours}`, async (scope) => {
        const pull = await scope.our("PULL", ourOptions);
        const endpoint = await pull.bind(scope.endpoint("tcp"));
        // One of libzmq that sees our greeting before it has begun its own leaves without a word, for good.
        await until("one that is heard", async () => {
          const push = await scope.their("PUSH", theirOptions);
          await push.connect(endpoint);
          await sleep(50);
          return codesOf(core(pull)).length > 0 || undefined;
        });
        const { endpoint: at, evidence, peer } = await found(pull, "mechanism-mismatch");
        assert.deepEqual([at, evidence["ourMechanism"]], [endpoint, ours]);
        assert.ok([theirs, null].includes(evidence["peerMechanism"] as never));
        assert.match(peer ?? "", TCP_PEER);
      });
    }

    for (const mechanism of ["PLAIN", "CURVE"] as const) {
      const [serverOptions, clientOptions] = ROLES[mechanism];

      it(`same-role: two clients of ${mechanism}, either bound`, async (scope) => {
        for (const isOursBound of [true, false]) {
          const ours = await scope.our("DEALER", { ...clientOptions, ...quick });
          const theirs = await scope.their("DEALER", { ...clientOptions, ...quick });
          await (isOursBound ? scope.join(ours, theirs, "tcp") : scope.join(theirs, ours, "tcp"));
          const { evidence } = await found(ours, "same-role");
          assert.deepEqual([evidence["mechanism"], evidence["role"]], [mechanism, "client"]);
        }
      });

      it(`same-role: two servers of ${mechanism}, and time runs out`, async (scope) => {
        const ours = await scope.our("DEALER", { ...serverOptions, ...soon });
        const theirs = await scope.their("DEALER", serverOptions);
        await scope.join(theirs, ours, "tcp");
        const { evidence } = await found(ours, "same-role");
        assert.deepEqual([evidence["mechanism"], evidence["role"]], [mechanism, "server"]);
      });
    }

    for (const status of ["400", "500"]) {
      it(`access-denied: our server of PLAIN refuses their client with ${status}`, async (scope) => {
        await withHandler(
          scope.our,
          () => status,
          async () => {
            const pull = await scope.our("PULL", PLAIN_SERVER);
            const push = await scope.their("PUSH", PLAIN_CLIENT);
            await scope.join(pull, push, "tcp");
            const { evidence, peer, severity } = await found(pull, "access-denied");
            assert.deepEqual(
              [evidence["status"], evidence["statusText"], evidence["userName"], severity],
              [Number(status), "text", "joe", status === "400" ? "warning" : "error"],
            );
            assert.match(peer ?? "", TCP_PEER);
          },
        );
      });

      it(`access-denied: their server of PLAIN refuses our client with ${status}`, async (scope) => {
        await withHandler(
          scope.their,
          () => status,
          async () => {
            const pull = await scope.their("PULL", PLAIN_SERVER);
            const push = await scope.our("PUSH", { ...PLAIN_CLIENT, ...quick });
            const endpoint = await scope.join(pull, push, "tcp");
            const { evidence, endpoint: at } = await found(push, "access-denied");
            assert.deepEqual(
              [evidence["status"], evidence["userName"], at],
              [Number(status), "joe", endpoint],
            );
          },
        );
      });
    }

    it("access-denied: our server of CURVE refuses the key of their client", async (scope) => {
      await withHandler(
        scope.our,
        () => "400",
        async () => {
          const pull = await scope.our("PULL", { ...CURVE_SERVER, zapDomain: "global" });
          const push = await scope.their("PUSH", CURVE_CLIENT);
          await scope.join(pull, push, "tcp");
          const { evidence } = await found(pull, "access-denied");
          assert.deepEqual([evidence["publicKey"], evidence["status"]], [keys.client.publicKey, 400]);
        },
      );
    });

    it("access-denied: their server of CURVE refuses our key", async (scope) => {
      await withHandler(
        scope.their,
        () => "400",
        async () => {
          const pull = await scope.their("PULL", { ...CURVE_SERVER, zapDomain: "global" });
          const push = await scope.our("PUSH", { ...CURVE_CLIENT, ...quick });
          await scope.join(pull, push, "tcp");
          const { evidence } = await found(push, "access-denied");
          assert.deepEqual([evidence["publicKey"], evidence["status"]], [keys.client.publicKey, 400]);
        },
      );
    });

    it("access-denied: 300 of our server, and their client tries again", async (scope) => {
      await withHandler(
        scope.our,
        () => "300",
        async () => {
          const pull = await scope.our("PULL", PLAIN_SERVER);
          const push = await scope.their("PUSH", { ...PLAIN_CLIENT, ...quick });
          await scope.join(pull, push, "tcp");
          const { evidence, severity } = await found(pull, "access-denied");
          assert.deepEqual([evidence["status"], severity], [300, "info"]);
        },
      );
    });

    const known = kind === "thread" ? { skip: "a server of ours closes at once" } : {};
    const stands = "handshake-stalled: 300 of their server leaves our client standing";
    const standing = async (scope: Scope): Promise<void> => {
      await withHandler(
        scope.their,
        () => "300",
        async () => {
          const pull = await scope.their("PULL", PLAIN_SERVER);
          const push = await scope.our("PUSH", { ...PLAIN_CLIENT, ...quick, ...soon });
          await scope.join(pull, push, "tcp");
          const pending = await untilFound(core(push), "handshake-stalled", { connectMs: 50 });
          assert.equal(pending.evidence["mechanism"], "PLAIN");
          const { evidence } = await until("the end", async () => {
            const one = await found(push, "handshake-stalled", { connectMs: 50 });
            return one.evidence["stage"] === undefined ? undefined : one;
          });
          assert.equal(evidence["stage"], "before its WELCOME (PLAIN)");
        },
      );
    };
    it(stands, standing, known);

    it("no-authenticator: their client of PLAIN, and a domain, at sockets of ours without a handler", async (scope) => {
      for (const [server, client, domain] of [
        [PLAIN_SERVER, PLAIN_CLIENT, null],
        [{ zapDomain: "global" }, {}, "global"],
        [{ ...CURVE_SERVER, zapDomain: "global" }, CURVE_CLIENT, "global"],
      ] as const) {
        const pull = await scope.our("PULL", server);
        const push = await scope.their("PUSH", { ...client, ...quick });
        const endpoint = await scope.join(pull, push, "tcp");
        const { endpoint: at, evidence, peer } = await found(pull, "no-authenticator");
        assert.deepEqual([at, evidence["zapDomain"]], [endpoint, domain]);
        assert.match(peer ?? "", TCP_PEER);
      }
    });

    it("authenticator-fails: our handler answers nonsense about their client, or nothing", async (scope) => {
      const status = { now: "600" };
      await withHandler(
        scope.our,
        () => status.now,
        async () => {
          const pull = await scope.our("PULL", PLAIN_SERVER);
          const push = await scope.their("PUSH", { ...PLAIN_CLIENT, ...quick });
          await scope.join(pull, push, "tcp");
          assert.match((await found(pull, "authenticator-fails")).what, /status of a ZAP reply is none of/);
        },
      );
      const mute = await scope.our("REP");
      await until("the name", () => mute.bind("inproc://zeromq.zap.01").catch(() => undefined));
      const pull = await scope.our("PULL", { ...PLAIN_SERVER, ...soon });
      const push = await scope.their("PUSH", { ...PLAIN_CLIENT, ...quick });
      await scope.join(pull, push, "tcp");
      assert.match((await found(pull, "authenticator-fails")).what, /did not answer/);
      await mute.close();
    });
  },
  { concurrency: 1, wire: "inproc has no mechanism" },
);
