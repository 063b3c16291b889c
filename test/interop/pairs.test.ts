import { withPeers } from "./harness.ts";
import type { Pairing } from "./pairings.ts";
import { pairings } from "./pairings.ts";
import type { Scope } from "./scope.ts";

/** Every legal pair of socket types: ours as either member, bound or connected, over every transport, in either order. */
withPeers((it, _kind, transports) => {
  for (const transport of transports) {
    for (const pairing of pairings) {
      for (const ourSide of pairing.left === pairing.right
        ? (["left"] as const)
        : (["left", "right"] as const)) {
        for (const bound of ["left", "right"] as const) {
          const name = title(pairing, ourSide, bound, transport);
          it(name, async (scope) => {
            const { left, right } = await openPair(scope, pairing, ourSide);
            if (bound === "left") await scope.join(left, right, transport);
            else await scope.join(right, left, transport);
            await pairing.talk(left, right);
          });
          // Over wires that takes a reconnect interval: lifecycle.test.ts has it for each pair once.
          if (transport !== "inproc") continue;
          it(`${name}, connected first`, async (scope) => {
            const { left, right } = await openPair(scope, pairing, ourSide);
            const [binder, connector] = bound === "left" ? [left, right] : [right, left];
            const endpoint = scope.endpoint(transport);
            await connector.connect(endpoint);
            await binder.bind(endpoint);
            await pairing.talk(left, right);
          });
        }
      }
    }
  }
});

async function openPair(
  scope: Scope,
  { left, right, leftOptions, rightOptions }: Pairing,
  ourSide: "left" | "right",
) {
  if (ourSide === "left") {
    return { left: await scope.our(left, leftOptions), right: await scope.their(right, rightOptions) };
  }
  return { left: await scope.their(left, leftOptions), right: await scope.our(right, rightOptions) };
}

function title(
  { left, right }: Pairing,
  ourSide: "left" | "right",
  bound: "left" | "right",
  transport: string,
): string {
  const [our, their] = ourSide === "left" ? [left, right] : [right, left];
  return `our ${our} ${bound === ourSide ? "binds" : "connects"}, their ${their}, ${transport}`;
}
