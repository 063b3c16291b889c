import type { CloseReport, SocketStats } from "../../src/index.ts";
import type { PeerSocket } from "./peer.ts";

/** The ledger of a socket of ours; `undefined` where another library stands in for us. */
export function statsOf(socket: PeerSocket): SocketStats | undefined {
  const direct = socket.direct as unknown as { stats?: () => SocketStats };
  return direct.stats?.();
}

export function droppedOf(flow: SocketStats["sent"]): number {
  return Object.values(flow.dropped).reduce((total, count) => total + count, 0);
}

/** What our engine and stream may hold beside the pipe: a batch, and as much as is worth handing to the kernel. */
export const IN_HAND_SIZE = 131_072 + 524_288;

/** Closes a socket of ours; `undefined` where another library stands in for us. */
export async function closeOf(socket: PeerSocket): Promise<CloseReport | undefined> {
  const { direct } = socket;
  await socket.forget();
  return (await direct.close()) as CloseReport | undefined;
}
