import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { after, test } from "node:test";
import type { Event } from "../../src/index.ts";
import { type Context, Pull, Push, Reply, Router } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { pause, RawPeer, within } from "../peers/raw-peer.ts";
import { closing, until } from "../peers/sockets.ts";
import { AT_ONCE_MS, checkProcess, heldMemory } from "./hostile-ground.ts";

// Handlers of ZAP that are slow, wrong, gone or not there, and peers that do not wait for them.

after(checkProcess);

const ZAP = "inproc://zeromq.zap.01";
const GREETING = zmtp.greeting({ mechanism: "PLAIN" });
const INITIATE = zmtp.command("INITIATE", zmtp.property("Socket-Type", "PUSH"));
const OK: Reply3 = ["200", "OK", "joe", ""];

/** Status, text, user id and metadata; behind version and id. */
type Reply3 = [string, string, string, string | Buffer];
type Frames = (string | Buffer)[];

function hello(username: string): Buffer {
  return zmtp.command("HELLO", `${String.fromCharCode(username.length)}${username}\x01x`);
}

/** A server of PLAIN and a handler on ROUTER that answers the user `good` well and others as the test says. */
class Scene {
  readonly context: Context;
  readonly handler: Router;
  readonly server: Pull;
  readonly events: Event[];
  readonly delivered: string[];
  /** Requests that are not about `good`: the routing id of the asker and the request's id are the first two. */
  readonly requests: { readonly asker: Buffer; readonly id: Buffer; readonly user: string }[];
  /** Whole replies behind the routing id, none for no answer. */
  answer: (id: Buffer, user: string) => Frames[];
  readonly #test: TestContext;
  #goodCount: number;

  private constructor(t: TestContext, options: object) {
    this.context = ownContext();
    this.handler = closing(t, new Router({ context: this.context, linger: 0 }));
    this.server = closing(t, new Pull({ context: this.context, plainServer: true, ...options }));
    this.events = [];
    this.delivered = [];
    this.requests = [];
    this.answer = () => [];
    this.#test = t;
    this.#goodCount = 0;
    for (const type of ["handshake:error:protocol", "handshake:error:auth", "handshake:error:other"] as const)
      this.server.events.on(type, (event) => this.events.push(event));
  }

  static async open(t: TestContext, options: object = {}): Promise<Scene> {
    const scene = new Scene(t, options);
    await scene.handler.bind(ZAP);
    await scene.server.bind("tcp://127.0.0.1:*");
    void scene.#handle();
    void scene.#collect();
    return scene;
  }

  async peer(...octets: Buffer[]): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.server.lastEndpoint);
    this.#test.after(() => peer.destroy());
    peer.send(...octets);
    return peer;
  }

  /** A good client comes in and its message too. */
  async checkGood(): Promise<void> {
    const text = `good ${this.#goodCount++}`;
    const client = new Push({ context: this.context, plainUsername: "good", linger: 0 });
    client.connect(this.server.lastEndpoint as string);
    await within(client.send(text), text);
    await until(text, () => this.delivered.includes(text));
    await client.close();
  }

  /** Code or status of each event. */
  get codes(): string[] {
    return this.events.map((event) => {
      const { code, status } = (event as { error: { code?: string; status?: number } }).error;
      return `${event.type.split(":")[2]} ${code ?? status}`;
    });
  }

  async expect(peer: RawPeer, code: string): Promise<void> {
    assert.ok(await peer.ends(AT_ONCE_MS), "the connection still stands");
    await until(`${code} (there are: ${this.codes.join(", ")})`, () => this.codes.includes(code));
    assert.ok(!peer.texts.some((text) => text.startsWith("READY")), "there was a READY");
  }

  /** What a user of PLAIN sends first. */
  ask(user: string): Promise<RawPeer> {
    return this.peer(GREETING, hello(user));
  }

  async reply(asker: Buffer, frames: Frames): Promise<void> {
    await this.handler.send([asker, ...frames]);
  }

  async #handle(): Promise<void> {
    for await (const frames of this.handler) {
      const [asker, , , id, , , , , username] = frames as [Buffer, ...Buffer[]];
      const user = String(username);
      if (user === "good") await this.reply(asker, ["", "1.0", id as Buffer, ...OK]);
      else {
        this.requests.push({ asker, id: id as Buffer, user });
        for (const one of this.answer(id as Buffer, user)) await this.reply(asker, one);
      }
    }
  }

  async #collect(): Promise<void> {
    for await (const [frame] of this.server) this.delivered.push(String(frame));
  }
}

test("F04: a server of PLAIN without a handler lets nobody in, at once", async (t) => {
  const scene = await Scene.open(t);
  await scene.handler.close();
  const peer = await scene.ask("joe");
  await scene.expect(peer, "other EFAULT");
  assert.deepEqual(scene.delivered, []);
});

test("F05: NULL with a domain and without a handler lets nobody in, bound or connected", async (t) => {
  const context = ownContext();
  const server = closing(t, new Pull({ context, zapDomain: "global" }));
  await server.bind("tcp://127.0.0.1:*");
  const codes: string[] = [];
  server.events.on("handshake:error:other", ({ error }) =>
    codes.push((error as { code?: string }).code ?? ""),
  );
  const client = closing(t, new Push({ linger: 0 }));
  client.connect(server.lastEndpoint as string);
  await until("the refusal", () => codes.includes("EFAULT"));
  const open = closing(t, new Pull({ context }));
  await open.bind("tcp://127.0.0.1:*");
  const asking = closing(t, new Push({ context, zapDomain: "global", linger: 0 }));
  const refused = new Promise((resolve) => asking.events.on("handshake:error:other", resolve));
  asking.connect(open.lastEndpoint as string);
  await within(refused, "the refusal");
  assert.equal(server.peers.length, 0);
});

test("F06: whatever is not exactly a reply costs the peer its connection, by its name", async (t) => {
  const scene = await Scene.open(t);
  const cases: Record<string, (id: Buffer) => Frames> = {
    "protocol ERR_ZAP_BAD_VERSION": (id) => ["", "9.9", id, ...OK],
    "protocol ERR_ZAP_BAD_REQUEST_ID": () => ["", "1.0", "another", ...OK],
    "protocol ERR_ZAP_MALFORMED_REPLY": (id) => ["", "1.0", id, "200", "OK", "joe"],
    "protocol ERR_ZAP_UNSPECIFIED": (id) => ["x", "1.0", id, ...OK],
    "protocol ERR_ZAP_INVALID_METADATA": (id) => ["", "1.0", id, "200", "OK", "joe", "\x05cut"],
  };
  const more: [string, (id: Buffer) => Frames][] = [
    ["protocol ERR_ZAP_MALFORMED_REPLY", (id) => ["", "1.0", id, ...OK, "eighth"]],
    ["protocol ERR_ZAP_MALFORMED_REPLY", (id) => ["", "1.0", id, "400", "", "joe", ""]],
    ["protocol ERR_ZAP_MALFORMED_REPLY", (id) => ["", "1.0", id, "200", "", "u".repeat(1 << 20), ""]],
    [
      "protocol ERR_ZAP_INVALID_METADATA",
      (id) => ["", "1.0", id, "200", "", "", zmtp.property("a", Buffer.alloc(64 << 20))],
    ],
    ...["201", "2000", "", "600"].map((status): [string, (id: Buffer) => Frames] => [
      "protocol ERR_ZAP_INVALID_STATUS_CODE",
      (id) => ["", "1.0", id, status, "", "", ""],
    ]),
  ];
  for (const [code, frames] of [...Object.entries(cases), ...more]) {
    scene.events.length = 0;
    scene.answer = (id) => [frames(id)];
    const peer = await scene.ask("joe");
    await scene.expect(peer, code);
    assert.ok(!peer.texts.includes("WELCOME"), code);
    await scene.checkGood();
  }
  assert.ok(scene.delivered.every((text) => text.startsWith("good")));
});

test("F07: a handler that is slow, or never answers, costs its peer alone, when the handshake has lasted too long", async (t) => {
  const scene = await Scene.open(t, { handshakeInterval: 150 });
  const peer = await scene.ask("joe");
  await until("the question", () => scene.requests.length === 1);
  await scene.checkGood();
  assert.equal(peer.isClosed, false);
  await scene.expect(peer, "other ETIMEDOUT");
  const [request] = scene.requests;
  await scene.reply(request?.asker as Buffer, ["", "1.0", request?.id as Buffer, ...OK]);
  await scene.checkGood();
  assert.deepEqual(peer.texts, []);
});

test("F07: a handler that answers twice, the second time otherwise, has answered once", async (t) => {
  const scene = await Scene.open(t);
  scene.answer = (id) => [
    ["", "1.0", id, "400", "no", "", ""],
    ["", "1.0", id, ...OK],
  ];
  await scene.expect(await scene.ask("joe"), "auth 400");
  scene.answer = (id) => [
    ["", "1.0", id, ...OK],
    ["", "1.0", id, "400", "no", "", ""],
  ];
  const peer = await scene.ask("joe");
  await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
  peer.send(INITIATE, zmtp.message("in"));
  await until("the message", () => scene.delivered.includes("in"));
  await scene.checkGood();
});

test("F07: answers for 1,000 peers in any order find their peers; for those that left they mean nothing", async (t) => {
  const scene = await Scene.open(t);
  const peers: RawPeer[] = [];
  for (let i = 0; i < 1000; i++) peers.push(await scene.ask(`user${i}`));
  await until("1,000 questions", () => scene.requests.length === 1000, 20_000);
  assert.equal(new Set(scene.requests.map(({ id }) => String(id))).size, 1000);
  for (const [i, peer] of peers.entries()) if (i % 3 === 0) peer.reset();
  await pause(50);
  for (const { asker, id, user } of scene.requests.slice().reverse()) {
    const isEven = Number(user.slice(4)) % 2 === 0;
    await scene.reply(asker, ["", "1.0", id, ...(isEven ? OK : ["400", "no", "", ""])]);
  }
  for (const [i, peer] of peers.entries()) {
    if (i % 3 === 0) continue;
    await until(`the answer for ${i}`, () => peer.texts.length > 0);
    assert.equal(peer.texts[0], i % 2 === 0 ? "WELCOME" : "RROR\x03400", `${i}`);
  }
  await scene.checkGood();
  for (const peer of peers) peer.destroy();
});

test("F07: a handler that closes in the midst of it, and another in its place", async (t) => {
  const scene = await Scene.open(t);
  const peer = await scene.ask("joe");
  await until("the question", () => scene.requests.length === 1);
  await scene.handler.close();
  await scene.expect(peer, "other EPIPE");
  const next = closing(t, new Reply({ context: scene.context }));
  await next.bind(ZAP);
  const client = closing(t, new Push({ context: scene.context, plainUsername: "joe", linger: 0 }));
  client.connect(scene.server.lastEndpoint as string);
  const [, id] = await within(next.receive(), "the question");
  await next.send(["1.0", id as Buffer, ...OK]);
  await within(client.send("through the next one"), "the message");
  await until("the message", () => scene.delivered.includes("through the next one"));
});

test("F08: 300 closes without a word, 400 and 500 say so, and each has its event", async (t) => {
  const scene = await Scene.open(t);
  for (const status of ["300", "400", "500"]) {
    scene.answer = (id) => [["", "1.0", id, status, "why", "", ""]];
    const peer = await scene.ask("joe");
    await scene.expect(peer, `auth ${status}`);
    assert.deepEqual(peer.texts, status === "300" ? [] : [`RROR\x03${status}`, `ERROR\x03${status}`]);
    peer.send(INITIATE, zmtp.message("sneaky"));
  }
  const { error } = scene.events.at(-1) as unknown as { error: Error };
  assert.match(error.message, /500: "why"/);
  await scene.checkGood();
  assert.ok(!scene.delivered.includes("sneaky"));
});

test("F08: NULL with a domain hears 400 and 500 as ERROR, and is let in by 200 alone", async (t) => {
  const scene = await Scene.open(t, { plainServer: false, zapDomain: "global" });
  for (const status of ["300", "400", "500"]) {
    scene.answer = (id) => [["", "1.0", id, status, "", "", ""]];
    const peer = await scene.peer(zmtp.greeting(), zmtp.ready("PUSH"));
    await scene.expect(peer, `auth ${status}`);
    assert.deepEqual(peer.texts, status === "300" ? [] : [`ERROR\x03${status}`]);
  }
  scene.answer = (id) => [["", "1.0", id, ...OK]];
  const peer = await scene.peer(zmtp.greeting(), zmtp.ready("PUSH"));
  await peer.heard(() => peer.texts.some((text) => text.startsWith("READY")), "READY");
  peer.send(zmtp.message("in"));
  await until("the message", () => scene.delivered.includes("in"));
  assert.equal(scene.server.peers[0]?.userId, "joe");
});

test("F09: what is sent behind the handshake before the answer ends it, and none of it is kept or delivered", async (t) => {
  const scene = await Scene.open(t);
  const before = heldMemory();
  for (const size of [1, 1000, 1 << 20, 100 << 20]) {
    const known = scene.requests.length;
    const peer = await scene.ask("joe");
    await until("the question", () => scene.requests.length > known);
    peer.send(INITIATE);
    for (let sent = 0; sent < size && !peer.isClosed; sent += 1 << 20) {
      peer.send(zmtp.message(Buffer.alloc(Math.min(size, 1 << 20), "x")));
      await pause(0);
    }
    assert.ok(await peer.ends(AT_ONCE_MS), `the connection still stands after ${size} octets`);
    assert.deepEqual(peer.texts, []);
    peer.destroy();
  }
  for (const { asker, id } of scene.requests.splice(0)) await scene.reply(asker, ["", "1.0", id, ...OK]);
  await scene.checkGood();
  assert.ok(scene.delivered.every((text) => text.startsWith("good")));
  const growth = heldMemory() - before;
  assert.ok(growth < 4 << 20, `${growth} octets more than before`);
});

test("peers that leave before the answer take their questions along, also where a handshake may take for ever", async (t) => {
  const scene = await Scene.open(t, { handshakeInterval: 0 });
  for (let i = 0; i < 20; i++) {
    const peer = await scene.ask("joe");
    await until("the question", () => scene.requests.length > i);
    peer.destroy();
  }
  await until("no question that waits", () => scene.context.zap.pendingCount === 0);
  for (const { asker, id } of scene.requests.splice(0)) await scene.reply(asker, ["", "1.0", id, ...OK]);
  await scene.checkGood();
  await until("nobody", () => scene.server.peers.every(({ live }) => !live));
});

test("F10: user ids and metadata are values like any other", async (t) => {
  const scene = await Scene.open(t);
  const octets = Buffer.concat(
    ["__proto__", "constructor", "\xff\xfe"].map((name) => zmtp.property(name, "\0v")),
  );
  scene.answer = (id) => [["", "1.0", id, "200", "", "__proto__\0", octets]];
  const peer = await scene.ask("joe");
  await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
  peer.send(INITIATE);
  await peer.heard(() => peer.texts.some((text) => text.startsWith("READY")), "READY");
  await until("the peer", () => scene.server.peers.length === 1);
  const [shown] = scene.server.peers;
  assert.equal(shown?.userId, "__proto__\0");
  assert.deepEqual([...(shown?.metadata.keys() ?? [])], ["__proto__", "constructor", "\xff\xfe"]);
  assert.equal(String(Buffer.from(shown?.metadata.get("__proto__") ?? "")), "\0v");
  assert.deepEqual(Object.keys(Object.prototype), []);
});
