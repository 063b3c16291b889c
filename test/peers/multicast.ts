// Whether this machine has multicast, for tests that need it.

import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Why a test is skipped where there is none. */
export const NO_MULTICAST = "this machine has no way for multicast";

const GROUP = "239.192.7.13";

/** Whether what is sent to a multicast group comes back here. */
export async function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  try {
    socket.bind(0, "0.0.0.0");
    await once(socket, "listening");
    socket.addMembership(GROUP);
    await new Promise((resolve, reject) => {
      socket.once("message", resolve);
      socket.send("?", socket.address().port, GROUP, (error) => error && reject(error));
      AbortSignal.timeout(5000).onabort = () => reject(new Error("nothing came back"));
    });
    return true;
  } catch (error) {
    console.error(`SKIPPED: multicast: ${String(error)}`);
    return false;
  } finally {
    socket.close();
  }
}
