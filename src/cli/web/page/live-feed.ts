// The states as they come from the server.
import type { PageState } from "../page-state.ts";

export type FeedStatus = "waiting" | "live" | "lost" | "refused";

export interface FeedListener {
  onState(state: PageState): void;
  onStatus(status: FeedStatus): void;
  onTrouble(sentence: string): void;
}

/** No word for so long is a lost connection, too: the server speaks each second. */
const SILENCE_MS = 6000;

export function listen(listener: FeedListener): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => listener.onStatus("lost"), SILENCE_MS);
    listener.onStatus("live");
  };
  const source = new EventSource("events");
  source.addEventListener("state", (event) => {
    heard();
    listener.onState(JSON.parse((event as MessageEvent<string>).data) as PageState);
  });
  source.addEventListener("trouble", (event) => {
    heard();
    listener.onTrouble(JSON.parse((event as MessageEvent<string>).data) as string);
  });
  source.addEventListener("error", () => {
    clearTimeout(timer);
    listener.onStatus(source.readyState === EventSource.CLOSED ? "refused" : "lost");
  });
  // A page that comes back from the browser's memory has no connection any more.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
