// Nothing that is printed, logged, sent to an inspector or measured shows a secret key or a password; who asks for the
// option by its name is answered, as in zeromq v6.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { format, inspect } from "node:util";
import type { AuthenticationRequest, Context, Socket } from "../../src/index.ts";
import {
  Authenticator,
  curveKeyPair,
  Dealer,
  inspectProcess,
  Pull,
  Push,
  parseCertificate,
  writeCertificate,
} from "../../src/index.ts";
import { ownContext } from "../peers/own-context.ts";
import { within } from "../peers/raw-peer.ts";
import { closing, until, watch } from "../peers/sockets.ts";
import { ownRuntime } from "../unit/services/inspect/rig.ts";

const [server, client] = [curveKeyPair(), curveKeyPair()];
const PASSWORD = "correct horse battery staple";
const SOCKS_PASSWORD = "another horse";
/** In every form that a printer might choose. */
const SECRETS: readonly string[] = [server.secretKey, client.secretKey, PASSWORD, SOCKS_PASSWORD].flatMap(
  (secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString("hex"),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    [...Buffer.from(secret)].slice(0, 8).join(","),
    [...Buffer.from(secret)].slice(0, 8).join(", "),
    Buffer.from(secret)
      .toString("hex")
      .slice(0, 24)
      .replace(/..(?!$)/g, "$& "),
  ],
);

/** Every way in which somebody may print a thing. What is hidden is shown only to who asks for all that is hidden. */
function printed(thing: unknown, showHidden = false): string {
  const options = { depth: 20, showHidden, maxArrayLength: null, maxStringLength: null };
  const texts = [inspect(thing, options), format("%s %O %j", thing, thing, thing)];
  if (showHidden) texts.push(format("%o", thing));
  texts.push(String(JSON.stringify(thing)));
  if (typeof thing === "object" && thing !== null) {
    texts.push(Object.keys(thing).join(), Object.getOwnPropertyNames(thing).join());
    texts.push(...copies(thing).map((copy) => inspect(copy, options)));
    for (const name in thing) texts.push(name);
  }
  if (thing instanceof Error) texts.push(String(thing), thing.stack ?? "", printed(thing.cause));
  return texts.join("\n");
}

/** Who copies a socket is told that it stays where it is. */
function copies(thing: object): unknown[] {
  try {
    return [Object.entries(thing), { ...thing }];
  } catch (error) {
    return [error];
  }
}

function assertHidden(what: string, thing: unknown, showHidden = false): void {
  const text = printed(thing, showHidden);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${what} shows ${secret}`);
}

interface Pairing {
  readonly context: Context;
  readonly sockets: readonly Socket[];
  readonly shown: unknown[];
}

/** Sockets that speak PLAIN and CURVE, one pair that met and one that was refused. */
async function open(t: TestContext): Promise<Pairing> {
  const context = ownContext();
  const requests: AuthenticationRequest[] = [];
  const authenticator = new Authenticator({
    context,
    plain: (request) => {
      requests.push(request);
      return request.password === PASSWORD && request.username === "joe";
    },
    curve: new Set([client.publicKey]),
  });
  t.after(() => authenticator.close());
  const plain = closing(t, new Pull({ context, plainServer: true }));
  const curve = closing(t, new Pull({ context, curveServer: true, curveSecretKey: server.secretKey }));
  const login = { context, plainUsername: "joe", plainPassword: PASSWORD, linger: 0 };
  const keys = { context, curveServerKey: server.publicKey, curveSecretKey: client.secretKey, linger: 0 };
  const joe = closing(t, new Push(login));
  const ann = closing(t, new Push({ ...login, plainUsername: "ann" }));
  const alice = closing(t, new Push({ ...keys, curvePublicKey: client.publicKey }));
  const stranger = closing(t, new Push({ ...keys, curveServerKey: client.publicKey }));
  const proxied = closing(
    t,
    new Dealer({ context, linger: 0, socksUsername: "joe", socksPassword: SOCKS_PASSWORD } as object),
  );
  const sockets = [plain, curve, joe, ann, alice, stranger, proxied];
  const events = sockets.map((socket) => watch(socket));
  await Promise.all([plain, curve].map((socket) => socket.bind("tcp://127.0.0.1:*")));
  for (const one of [joe, ann]) one.connect(plain.lastEndpoint as string);
  for (const one of [alice, stranger]) one.connect(curve.lastEndpoint as string);
  await Promise.all([joe.send("x"), alice.send("x")]);
  await within(Promise.all([plain.receive(), curve.receive()]), "the messages");
  await until("the refusals", () =>
    [ann, stranger].every((one) => one.explain().length > 0 || events[sockets.indexOf(one)]!.length > 3),
  );
  assert.ok(
    requests.some(({ password }) => password === PASSWORD),
    "who asks by its name is answered",
  );
  return { context, sockets, shown: [authenticator, requests, events] };
}

test("sockets, contexts, their views, counts, findings, events and metrics show no secret", async (t) => {
  const { context, sockets, shown } = await open(t);
  for (const socket of sockets) {
    assertHidden("a socket", socket, true);
    assertHidden("its events", socket.events, true);
    assertHidden("its peers", socket.peers);
    assertHidden("its counts", socket.stats());
    assertHidden("its findings", socket.explain());
  }
  assertHidden("the context", context, true);
  assertHidden("metrics", context.metrics({ peers: true }));
  assertHidden("measures", context.measure());
  for (const one of shown) assertHidden("authenticator, requests or events", one);
  const closed = await Promise.all(sockets.map((socket) => socket.close()));
  assertHidden("reports of closing", closed);
});

test("who asks a socket by the option's name is answered, and sets it again", async (t) => {
  const push = closing(t, new Push({ plainUsername: "joe", plainPassword: PASSWORD }));
  assert.deepEqual([push.plainUsername, push.plainPassword], ["joe", PASSWORD]);
  const pull = closing(t, new Pull({ curveServer: true, curveSecretKey: server.secretKey }));
  assert.equal(pull.curveSecretKey, server.secretKey);
  pull.curveSecretKey = client.secretKey;
  assert.equal(pull.curveSecretKey, client.secretKey);
});

test("an inspector of the process is told no secret", { skip: process.platform === "win32" }, async (t) => {
  ownRuntime(t);
  const { context } = await open(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const inspected = await inspectProcess(process.pid);
  t.after(() => inspected.close());
  const answers = [await inspected.info(), await inspected.sockets(), await inspected.events()];
  assert.ok(JSON.stringify(answers).includes("PLAIN"), "it is told what they speak");
  assertHidden("an answer", answers);
});

test("errors repeat no secret that was given for a wrong option", () => {
  const wrong: object[] = [
    { curveSecretKey: `${server.secretKey}x` },
    { curveSecretKey: Buffer.from(server.secretKey).subarray(1) },
    { curvePublicKey: client.publicKey, curveSecretKey: [server.secretKey] },
    { plainPassword: [PASSWORD] },
    { plainPassword: { PASSWORD } },
    { plainPassword: PASSWORD.repeat(10) },
    { socksPassword: [SOCKS_PASSWORD] },
  ];
  for (const options of wrong) {
    assert.throws(
      () => new Push(options),
      (error) => {
        assertHidden("an error", error);
        return (error as { code?: string }).code === "EINVAL";
      },
    );
  }
});

test("errors where a socket is used with options that do not fit, and of certificates, repeat no secret", async (t) => {
  const pull = closing(t, new Pull({ curveServer: true, curveSecretKey: server.secretKey }));
  pull.curvePublicKey = client.publicKey;
  const failures: unknown[] = [await pull.bind("tcp://127.0.0.1:*").catch((error: unknown) => error)];
  const push = closing(t, new Push({ plainUsername: "joe", plainPassword: PASSWORD, plainServer: true }));
  const attempt = (act: () => unknown): void => {
    try {
      act();
    } catch (error) {
      failures.push(error);
    }
  };
  attempt(() => push.connect("tcp://127.0.0.1:9"));
  attempt(() =>
    parseCertificate(`curve\n    public-key = "${client.publicKey}"\n    secret-key = "${server.secretKey}"`),
  );
  attempt(() => parseCertificate(`curve\n  secret-key = "${server.secretKey}"`));
  failures.push(
    await writeCertificate("/nowhere/at/all", { ...client, metadata: { "a b": PASSWORD } }).catch(
      (error: unknown) => error,
    ),
  );
  assert.equal(failures.length, 5);
  for (const failure of failures) {
    assert.ok(failure instanceof Error);
    assertHidden("an error", failure);
  }
});
