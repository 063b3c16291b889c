/** Keys of the benchmarks, public in every sense; bench/c/message.c has them too. */
const server = {
  publicKey: "^3h*#PSl+v!1B}t.Y-orBeW64HwR@EI/Dvf/D16h",
  secretKey: "H}7mTV/xf86zWabUcDw{iyo]Dh0xB2gHXh:5-qy5",
};
const client = {
  publicKey: "tzeeH@BQr>kpNNwjXiCO7]Xg!y0)90F-U@4@WWg)",
  secretKey: "CwE)MkN9j--XwI1biPGKlPxhN6H0F}[R@Dpw^.D[",
};

/** The socket options of a role in CURVE: `server`, `client`, or none. */
export function curveOptions(role: string): Record<string, unknown> {
  if (role === "server")
    return { curveServer: true, curvePublicKey: server.publicKey, curveSecretKey: server.secretKey };
  if (role !== "client") return {};
  return {
    curveServerKey: server.publicKey,
    curvePublicKey: client.publicKey,
    curveSecretKey: client.secretKey,
  };
}
