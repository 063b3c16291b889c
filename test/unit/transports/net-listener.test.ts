import assert from "node:assert/strict";
import type { AddressInfo, Server } from "node:net";
import { connect as connectSocket } from "node:net";
import { describe, it } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import type { ListenerTraits } from "../../../src/transports/net-listener.ts";
import { NetListener } from "../../../src/transports/net-listener.ts";
import { ListenerRig, optionsWith, pause, until, within } from "../../contract/stream-rig.ts";
import { runScript } from "./script-run.ts";

function makeListener(given: Partial<ListenerTraits> = {}): { rig: ListenerRig; listener: NetListener } {
  const traits: ListenerTraits = {
    local: () => "test://local",
    remote: () => "test://remote",
    onListening: (server) => `test://${(server.address() as AddressInfo).port}`,
    refuse: () => null,
    closeServer: (server) => void server.close(),
    ...given,
  };
  const rig = new ListenerRig();
  const listener = new NetListener("test://asked", optionsWith(), traits, rig);
  rig.listener = listener;
  return { rig, listener };
}

const listenAnywhere = (server: Server): void => void server.listen(0, "127.0.0.1");
const unused = (): void => assert.fail("it did not fail");

describe("a listener over node:net", () => {
  it("goes on after a failure to accept, and tells it", async () => {
    const { rig, listener } = makeListener();
    let server: Server | undefined;
    listener.open((given) => {
      server = given;
      listenAnywhere(given);
    }, unused);
    await until("listening", () => rig.told.length > 0);
    server?.emit("error", Object.assign(new Error("accept"), { code: "EMFILE" }));
    const [error] = rig.acceptErrors;
    assert.deepEqual([error?.code, error?.address], ["EMFILE", rig.endpoint]);
    assert.match(error?.message ?? "", /ulimit -n/);
    const socket = connectSocket(Number(rig.endpoint.split("://")[1]), "127.0.0.1");
    await until("accepting", () => rig.accepted.length === 1);
    socket.destroy();
    await rig.close();
  });

  it("may be opened again after it failed, or give up", async () => {
    const { rig, listener } = makeListener();
    const failures: Error[] = [];
    listener.open(
      (server) => void server.listen(0, "192.0.2.1"),
      (first) => {
        failures.push(first);
        listener.open(listenAnywhere, unused);
      },
    );
    await until("listening", () => rig.told.length > 0);
    assert.deepEqual([failures.length, listener.isOpening], [1, false]);
    listener.fail(new ZmqError("EINVAL", "Too late."));
    await rig.close();
    assert.deepEqual(rig.told, [`listening ${rig.endpoint}`, "closed"]);

    const second = makeListener();
    second.listener.fail(new ZmqError("EADDRINUSE", "Taken."));
    second.listener.fail(new ZmqError("EADDRINUSE", "Taken."));
    second.listener.open(listenAnywhere, unused);
    second.listener.close();
    await pause(10);
    assert.deepEqual(second.rig.told, ["failed EADDRINUSE"]);
  });

  it("opened at once throws what the system said, and hears no more of it", async () => {
    const { rig, listener } = makeListener();
    const failing = (server: Server): void => {
      const stepped = server as Server & { _listen2(...args: unknown[]): void };
      stepped._listen2("192.0.2.1", 0, 4, 10, undefined, 0);
    };
    assert.throws(() => listener.openSync(failing), { code: "EADDRNOTAVAIL" });
    listener.openSync((server) => void server.listen(0));
    await pause(10);
    assert.deepEqual([rig.told, rig.acceptErrors], [[], []]);
    await rig.close();
  });

  it("destroys whom its transport refuses, and tells why", async () => {
    const refusal = new ZmqError("EACCES", "Not you.");
    const { rig, listener } = makeListener({ refuse: () => refusal });
    listener.openSync((server) => void server.listen(0));
    const socket = connectSocket(Number(rig.endpoint.split("://")[1]), "127.0.0.1");
    await within("being refused", new Promise((resolve) => socket.on("close", resolve).resume()));
    assert.deepEqual([rig.accepted.length, rig.acceptErrors], [0, [refusal]]);
    await rig.close();
  });
});

describe("a process without files left", () => {
  it("keeps listening, and accepts again when there are some (E02)", {
    skip: process.platform === "win32",
  }, async () => {
    const { lines, stderr, status } = await runScript(
      `
      import { Socket } from "node:net";
      const tcp = new TcpTransport();
      const streams = [];
      const accept = { ...quiet, onAccepted(stream) { streams.push(stream); stream.start(quiet); } };
      const listener = tcp.listenSync("127.0.0.1:*", options, accept);
      const port = Number(listener.endpoint.split(":").at(-1));
      platform.hold();
      const sockets = [];
      for (let i = 0; i < 100; i++) sockets.push(new Socket().on("error", ignore).connect(port, "127.0.0.1"));
      await new Promise((resolve) => setTimeout(resolve, 300));
      say("few " + (streams.length < 60));
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const before = streams.length;
      new Socket().connect(port, "127.0.0.1");
      await new Promise((resolve) => setTimeout(resolve, 100));
      say("again " + (streams.length === before + 1));
      process.exit();
    `,
      { fileLimit: 64 },
    );
    assert.deepEqual([lines, status], [["few true", "again true"], 0], stderr);
  });
});
