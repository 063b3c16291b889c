// A client of ours and a ROUTER that answers it as a test likes.

import type { TestContext } from "node:test";
import type { Dealer, Request } from "../../../../src/index.ts";
import { Router } from "../../../../src/index.ts";
import { closing, join } from "../../../peers/sockets.ts";

export type Client = Request | Dealer;

/** Answers each request after `delayOf` its text, in whatever order that is. Gives what it was asked. */
export function serve(router: Router, delayOf: (text: string) => number): string[] {
  const asked: string[] = [];
  const run = async (): Promise<void> => {
    for await (const [client, id, empty, body] of router) {
      const text = String(body);
      asked.push(text);
      const reply = [client!, id!, empty!, `re ${text}`];
      const delayMs = delayOf(text);
      if (delayMs === 0) await router.send(reply);
      else if (delayMs > 0) setTimeout(() => router.closed || void router.send(reply), delayMs);
    }
  };
  void run();
  return asked;
}

export async function served<C extends Client>(
  t: TestContext,
  client: C,
  delayOf: (text: string) => number,
): Promise<{ client: C; router: Router; asked: string[] }> {
  const router = closing(t, new Router());
  closing(t, client);
  await join(router, client);
  return { client, router, asked: serve(router, delayOf) };
}
