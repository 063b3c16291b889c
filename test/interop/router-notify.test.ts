import assert from "node:assert/strict";
import { withPeers } from "./harness.ts";
import { subjectName } from "./libraries.ts";

/** libzmq behaviour B47. Neither the native package nor pyzmq has the option: the ROUTER is ours. */
const known = subjectName === "zeromq-ts" ? {} : { skip: "its Router has no routerNotify" };
const CAME = 1;
const LEFT = 2;

withPeers((it, _kind, transports) => {
  for (const transport of transports) {
    for (const type of ["DEALER", "REQ", "ROUTER"] as const) {
      it(
        `our ROUTER is told that their ${type} came and left, ${transport}`,
        async (scope) => {
          const router = await scope.our("ROUTER", { routerNotify: CAME | LEFT });
          const peer = await scope.their(type, { routingId: "it" });
          await scope.join(router, peer, transport);
          assert.deepEqual(await router.receive(1), [["'it'", "''"]]);
          const body = type === "REQ" ? ["''", "'hello'"] : ["'hello'"];
          if (type !== "ROUTER") {
            await peer.send([["hello"]]);
            assert.deepEqual(await router.receive(1), [["'it'", ...body]]);
          }
          await peer.close();
          assert.deepEqual(await router.receive(1), [["'it'", "''"]]);
        },
        known,
      );
    }
  }

  it(
    "our ROUTER that connected is told of their DEALER",
    async (scope) => {
      const router = await scope.our("ROUTER", { routerNotify: CAME | LEFT });
      const dealer = await scope.their("DEALER", { routingId: "it" });
      await scope.join(dealer, router);
      await dealer.send([["1"]]);
      assert.deepEqual(await router.receive(2), [
        ["'it'", "''"],
        ["'it'", "'1'"],
      ]);
      await dealer.close();
      assert.deepEqual(await router.receive(1), [["'it'", "''"]]);
    },
    known,
  );
});
