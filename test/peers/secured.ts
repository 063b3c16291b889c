// Two sockets with security, and who authenticates them.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Context, Finding } from "../../src/index.ts";
import { Authenticator, curveKeyPair, Pull, Push, Router } from "../../src/index.ts";
import { closing } from "./sockets.ts";

export const ZAP = "inproc://zeromq.zap.01";
export const PLAIN_CLIENT = { plainUsername: "joe", plainPassword: "secret-word" };
export const keys = { server: curveKeyPair(), client: curveKeyPair(), other: curveKeyPair() };
export const CURVE_SERVER = { curveServer: true, curveSecretKey: keys.server.secretKey };
export const CURVE_CLIENT = {
  curveServerKey: keys.server.publicKey,
  curveSecretKey: keys.client.secretKey,
};

export interface SecuredPair {
  readonly pull: Pull;
  readonly push: Push;
  readonly endpoint: string;
}

/** A PULL that is bound and a PUSH that connects again soon. */
export async function meet(
  t: TestContext,
  context: Context,
  bound: object,
  connected: object,
): Promise<SecuredPair> {
  const pull = closing(t, new Pull({ context, ...bound }));
  const push = closing(t, new Push({ context, reconnectInterval: 20, linger: 0, ...connected }));
  await pull.bind("tcp://127.0.0.1:*");
  const endpoint = pull.lastEndpoint as string;
  push.connect(endpoint);
  return { pull, push, endpoint };
}

/** Nothing of what findings say may be a secret. */
export function assertPublic(found: readonly Finding[]): void {
  const said = JSON.stringify(found);
  for (const { secretKey } of Object.values(keys)) assert.ok(!said.includes(secretKey));
  assert.ok(!said.includes("secret-word"), said);
}

export function authenticator(t: TestContext, context: Context, options: object): Authenticator {
  const one = new Authenticator({ context, ...options });
  t.after(() => one.close());
  return one;
}

/** Frames behind the delimiter, or `null` for no answer. */
type Answer = (id: Buffer) => (string | Buffer)[] | null;

/** A handler of ZAP that answers each request with what `answer` makes of its id. */
export async function zapHandler(t: TestContext, context: Context, answer: Answer): Promise<void> {
  const router = closing(t, new Router({ context, linger: 0 }));
  await router.bind(ZAP);
  const serve = async (): Promise<void> => {
    for await (const frames of router) {
      const [asker, , , id] = frames as Buffer[];
      const reply = answer(id as Buffer);
      if (reply !== null) await router.send([asker as Buffer, "", ...reply]);
    }
  };
  serve().catch(() => undefined);
}
