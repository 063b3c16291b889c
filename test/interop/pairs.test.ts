import { transports, withPeers } from "./harness.ts";
import type { Pairing } from "./pairings.ts";
import { pairings } from "./pairings.ts";
import type { Scope } from "./scope.ts";

/** Every legal pair of socket types: ours as either member, bound or connected, over every transport. */
withPeers((it) => {
  for (const transport of transports) {
    for (const pairing of pairings) {
      for (const ourSide of pairing.left === pairing.right
        ? (["left"] as const)
        : (["left", "right"] as const)) {
        for (const bound of ["left", "right"] as const) {
          it(title(pairing, ourSide, bound, transport), async (scope) => {
            const { left, right } = await openPair(scope, pairing, ourSide);
            if (bound === "left") await scope.join(left, right, transport);
            else await scope.join(right, left, transport);
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
