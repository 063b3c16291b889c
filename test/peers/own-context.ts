import { after } from "node:test";
import { Context, context } from "../../src/index.ts";

const contexts: Context[] = [];
after(() => Promise.all(contexts.map((one) => one.terminate())));

/** A context whose sockets are served by whom those of the default context are; terminated after the tests of the file. */
export function ownContext(): Context {
  const own = new Context({ ioMode: context.ioMode });
  contexts.push(own);
  return own;
}
