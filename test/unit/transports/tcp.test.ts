import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import type { AcceptFilter } from "../../../src/core/accept-filter.ts";
import { parseAcceptFilter } from "../../../src/core/accept-filter.ts";
import { TcpTransport } from "../../../src/transports/tcp.ts";
import {
  addressOf,
  connect,
  connectError,
  ListenerRig,
  optionsWith,
  until,
} from "../../contract/stream-rig.ts";
import { withNameService } from "./name-service.ts";
import { runScript } from "./script-run.ts";

const transport = new TcpTransport();
const ipv6 = optionsWith({ ipv6: true });
const interfaces = Object.entries(networkInterfaces());
const hasIpv6 = interfaces.some(([, all]) => all?.some(({ address }) => address === "::1"));
const noIpv6 = !hasIpv6 && "this machine has no IPv6";
const loopback = interfaces.find(([, all]) =>
  all?.some(({ address }) => address === "127.0.0.1"),
)?.[0] as string;
const linkLocal = interfaces
  .flatMap(([name, all]) => (all ?? []).map(({ address }) => ({ name, address })))
  .find(({ address }) => address.startsWith("fe80:"));

const portOf = (endpoint: string): number => Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));

function listenSync(address: string, options = optionsWith()): ListenerRig {
  const rig = new ListenerRig();
  rig.listener = transport.listenSync(address, options, rig);
  return rig;
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ZmqError && error.code === code;
}

describe("tcp endpoints", () => {
  const forms: readonly (readonly [string, RegExp, typeof ipv6, string | false])[] = [
    ["127.0.0.1:*", /^tcp:\/\/127\.0\.0\.1:\d+$/, optionsWith(), false],
    ["127.0.0.1:0", /^tcp:\/\/127\.0\.0\.1:\d+$/, optionsWith(), false],
    ["*:*", /^tcp:\/\/0\.0\.0\.0:\d+$/, optionsWith(), false],
    [`${loopback}:*`, /^tcp:\/\/127\.0\.0\.1:\d+$/, optionsWith(), false],
    ["localhost:*", /^tcp:\/\/127\.0\.0\.1:\d+$/, optionsWith(), false],
    ["*:*", /^tcp:\/\/\[::\]:\d+$/, ipv6, noIpv6],
    ["[::1]:*", /^tcp:\/\/\[::1\]:\d+$/, ipv6, noIpv6],
    ["::1:*", /^tcp:\/\/\[::1\]:\d+$/, ipv6, noIpv6],
    ["127.0.0.1:*", /^tcp:\/\/127\.0\.0\.1:\d+$/, ipv6, false],
    [
      `[${linkLocal?.address}%${linkLocal?.name}]:*`,
      /^tcp:\/\/\[fe80:.*%.*\]:\d+$/,
      ipv6,
      linkLocal ? false : "no link-local address",
    ],
  ];
  for (const [address, expected, options, skip] of forms) {
    it(`tcp://${address}${options.ipv6 ? " with ipv6" : ""} is resolved, the same in both ways`, {
      skip,
    }, async () => {
      const rig = await ListenerRig.listen(transport, address, options);
      assert.equal(rig.listenError, null);
      assert.match(rig.endpoint, expected);
      const { endpoint } = rig;
      await rig.close();
      // What was resolved names itself (libzmq behaviour B83), and is free again (B84).
      const again = listenSync(addressOf(endpoint), options);
      assert.equal(again.endpoint, endpoint);
      await again.close();
      const sync = listenSync(address, options);
      assert.match(sync.endpoint, expected);
      const near = await connect(
        transport,
        sync.endpoint.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]"),
        options,
      );
      near.stream.destroy();
      await sync.close();
    });
  }

  it("of any address with ipv6 take IPv4 too", { skip: noIpv6 }, async () => {
    const rig = await ListenerRig.listen(transport, "*:*", ipv6);
    const near = await connect(transport, `tcp://127.0.0.1:${portOf(rig.endpoint)}`);
    await until("accepting", () => rig.accepted.length === 1);
    assert.match(rig.accepted[0]?.stream.remoteEndpoint ?? "", /^tcp:\/\/\[::ffff:127\.0\.0\.1\]:\d+$/);
    near.stream.destroy();
    await rig.close();
  });

  it("may be bound again while old connections are dying (libzmq behaviour B84)", async () => {
    const first = await ListenerRig.listen(transport, "127.0.0.1:*");
    const near = await connect(transport, first.endpoint);
    await until("accepting", () => first.accepted.length === 1);
    // Who ends first keeps the port in TIME_WAIT.
    first.accepted[0]?.stream.end();
    await near.closed();
    await first.close();
    const second = await ListenerRig.listen(transport, addressOf(first.endpoint));
    assert.deepEqual(second.told, [`listening ${first.endpoint}`]);
    await second.close();
  });

  it("that cannot be are told with their reason", async () => {
    const cases = [
      ["192.0.2.1:*", "EADDRNOTAVAIL"],
      ["no-such-name.invalid:*", "ENODEV"],
    ] as const;
    for (const [address, code] of cases) {
      const rig = await ListenerRig.listen(transport, address);
      assert.deepEqual(rig.told, [`failed ${code}`]);
      assert.ok(rig.listenError?.message.includes(`tcp://${address}`), rig.listenError?.message);
    }
    assert.throws(() => listenSync("192.0.2.1:*"), hasCode("EADDRNOTAVAIL"));
    assert.throws(() => listenSync("no-such-name.invalid:*"), hasCode("ENOTSUP"));
    for (const address of ["127.0.0.1", "127.0.0.1:99999", "127.0.0.1:80x", ":5555"]) {
      assert.throws(() => transport.checkBind(address, optionsWith()), hasCode("EINVAL"), address);
    }
    assert.throws(() => transport.checkBind("[::1]:5555", optionsWith()), hasCode("ENODEV"));
  });
});

describe("tcpAcceptFilter", () => {
  const filter = (...texts: string[]) =>
    optionsWith({ tcpAcceptFilter: texts.map((text) => parseAcceptFilter(text) as AcceptFilter) });

  it("keeps others out, and says whom (libzmq behaviour B88)", async () => {
    const rig = await ListenerRig.listen(transport, "127.0.0.1:*", filter("192.0.2.0/24"));
    const near = await connect(transport, rig.endpoint);
    await near.closed();
    assert.equal(rig.accepted.length, 0);
    const [error] = rig.acceptErrors;
    assert.deepEqual(
      [rig.acceptErrors.length, error?.code, error?.address],
      [1, "EACCES", "tcp://127.0.0.1:*"],
    );
    assert.match(error?.message ?? "", /127\.0\.0\.1 may not connect/);
    await rig.close();
  });

  it("lets in whom one of them names", async () => {
    const rig = await ListenerRig.listen(transport, "127.0.0.1:*", filter("192.0.2.0/24", "127.0.0.0/8"));
    const near = await connect(transport, rig.endpoint);
    await until("accepting", () => rig.accepted.length === 1);
    near.stream.destroy();
    await rig.close();
  });
});

describe("tcp connections", () => {
  for (const source of ["127.0.0.1:0", "127.0.0.1:*", `${loopback}:0`, "localhost:0", "*:0", "*:*"]) {
    it(`from ${source} (libzmq behaviour B86)`, async () => {
      const rig = await ListenerRig.listen(transport, "127.0.0.1:*");
      const near = await connect(transport, `tcp://${source};localhost:${portOf(rig.endpoint)}`);
      assert.match(near.stream.localEndpoint, /^tcp:\/\/127\.0\.0\.1:\d+$/);
      near.stream.destroy();
      await rig.close();
    });
  }

  it("from a port that was chosen", async () => {
    const rig = await ListenerRig.listen(transport, "127.0.0.1:*");
    const free = await ListenerRig.listen(transport, "127.0.0.1:*");
    const port = portOf(free.endpoint);
    await free.close();
    for (const host of ["127.0.0.1", "*"]) {
      const near = await connect(transport, `tcp://${host}:${port};127.0.0.1:${portOf(rig.endpoint)}`);
      assert.equal(near.stream.localEndpoint, `tcp://127.0.0.1:${port}`);
      // The other side ends first, so that the port is free for the next.
      rig.accepted.at(-1)?.stream.destroy();
      await near.closed();
    }
    await rig.close();
  });

  it("from what is not ours fail, not before the attempt", async () => {
    assert.equal((await connectError(transport, "192.0.2.1:0;127.0.0.1:1")).code, "EADDRNOTAVAIL");
    assert.equal((await connectError(transport, "no-such-name.invalid:0;127.0.0.1:1")).code, "ENODEV");
  });

  it("go to an IPv6 literal whatever ipv6 says", { skip: noIpv6 }, async () => {
    const rig = await ListenerRig.listen(transport, "[::1]:*", ipv6);
    (await connect(transport, rig.endpoint)).stream.destroy();
    await rig.close();
  });

  it("check what can be checked at once (libzmq behaviour B87)", () => {
    const check = (address: string) => transport.checkConnect(address, optionsWith());
    for (const address of ["localhost:invalid", "in val id:1234", "192.0.168.200:*", "*:5555", "host"]) {
      assert.throws(() => check(address), hasCode("EINVAL"), address);
    }
    for (const address of ["localhost:1234", "[::1]:1234", "no-such-name.invalid:1"]) check(address);
  });
});

describe("tcp names", () => {
  const v4 = { address: "127.0.0.1", family: 4 };
  const v6 = { address: "::1", family: 6 };

  it("are looked up anew at each attempt", async () => {
    const rig = await ListenerRig.listen(transport, "127.0.0.1:*");
    const port = portOf(rig.endpoint);
    let isMoved = false;
    let count = 0;
    await withNameService(
      (_name, answer) => {
        count++;
        setImmediate(() => answer(null, [isMoved ? v4 : { address: "127.0.0.2", family: 4 }]));
      },
      async () => {
        assert.equal((await connectError(transport, `moving.example:${port}`)).code, "ECONNREFUSED");
        isMoved = true;
        (await connect(transport, `tcp://moving.example:${port}`)).stream.destroy();
      },
    );
    assert.equal(count, 2);
    await rig.close();
  });

  it("of both families are tried in turn", { skip: noIpv6 }, async () => {
    const rig = await ListenerRig.listen(transport, "127.0.0.1:*");
    await withNameService(
      (_name, answer) => setImmediate(() => answer(null, [v6, v4])),
      async () => {
        const near = await connect(transport, `tcp://both.example:${portOf(rig.endpoint)}`, ipv6);
        assert.equal(near.stream.remoteEndpoint, rig.endpoint);
        near.stream.destroy();
      },
    );
    await rig.close();
  });

  it("that resolve to nonsense fail the attempt and nothing else (J10)", async () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ address: `127.0.1.${1 + (i % 250)}`, family: 4 }));
    const answers: readonly (readonly { readonly address: string; readonly family: number }[])[] = [
      [],
      many,
      [{ address: "::ffff:127.0.0.1%x", family: 6 }],
      [{ address: "no address", family: 4 }],
      [{ address: "", family: 4 }],
      [{ address: "127.0.0.1", family: 7 }],
    ];
    for (const addresses of answers) {
      for (const isIpv6 of [false, true]) {
        const options = optionsWith({ ipv6: isIpv6, connectTimeout: 1000 });
        await withNameService(
          (_name, answer) => setImmediate(() => answer(null, addresses)),
          async () => {
            const error = await connectError(transport, "odd.example:1", options);
            assert.ok(
              error instanceof ZmqError && error.message.includes("tcp://odd.example:1"),
              error.message,
            );
            const rig = await ListenerRig.listen(transport, "odd.example:*", options);
            if (rig.listenError === null) await rig.close();
          },
        );
      }
    }
  });

  it("that are never resolved: connectTimeout holds (J10)", async () => {
    await withNameService(
      () => undefined,
      async () => {
        const before = performance.now();
        const error = await connectError(transport, "hanging.example:1", optionsWith({ connectTimeout: 50 }));
        assert.equal(error.code, "ETIMEDOUT");
        assert.ok(performance.now() - before < 2000);
      },
    );
  });
});

describe("tcp listeners", () => {
  it("share their port with nobody, not even with workers of one cluster", async () => {
    // Node would give all workers the one listener of their primary process.
    const { lines, status } = await runScript(`
      import cluster from "node:cluster";
      import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
      import { tmpdir } from "node:os";
      import { join } from "node:path";
      const listener = new TcpTransport().listenSync("127.0.0.1:*", options, quiet);
      const address = addressOf(listener.endpoint);
      listener.close();
      const scratch = mkdtempSync(join(tmpdir(), "zmq-test-"));
      const worker = join(scratch, "worker.mjs");
      writeFileSync(worker, \`
        const told = (what) => process.send(what);
        const { TcpTransport } = await import("${new URL("../../../src/transports/tcp.js", import.meta.url).href}");
        const { nodePlatform } = await import("${new URL("../../../src/transports/node-platform.js", import.meta.url).href}");
        const { installPlatform } = await import("${new URL("../../../src/base/platform.js", import.meta.url).href}");
        installPlatform(nodePlatform);
        const options = JSON.parse(process.env.OPTIONS);
        const events = { onListening: () => told("bound"), onListenFailed: (error) => told(error.code) };
        setTimeout(() => process.exit(), 5000);
        new TcpTransport().listen(process.env.ADDRESS, options, events);
      \`);
      cluster.setupPrimary({ exec: worker, execArgv: [] });
      // The first worker gets the port and holds it.
      const fork = () => new Promise((resolve) => {
        const env = { ADDRESS: address, OPTIONS: JSON.stringify(options) };
        cluster.fork(env).on("message", resolve);
      });
      say(await fork());
      say(await fork());
      rmSync(scratch, { recursive: true });
      process.exit();
    `);
    assert.deepEqual([lines, status], [["bound", "EADDRINUSE"], 0]);
  });
});
