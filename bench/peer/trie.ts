/**
 * The subscription structure alone, src/routing/topic-trie.ts: bytes a subscription and matching rate, no
 * sockets.
 */
import { pathToFileURL } from "node:url";
import { ourIndex } from "../harness/places.ts";
import { answer, answerMemory, cpuUs, optionNumber, serve } from "./control.ts";
import { sampleTopics, topicSize, topicText } from "./topic.ts";

interface TopicTrie {
  readonly topicCount: number;
  add(subscriber: number, octets: Uint8Array, start: number): unknown;
  match(octets: Uint8Array, distributor: { match(subscriber: number): void }): void;
}

/** By a computed name, as in library.ts. */
async function loadTrie(): Promise<TopicTrie> {
  const url = new URL("./routing/topic-trie.js", pathToFileURL(ourIndex));
  const module = (await import(url.href)) as { TopicTrie: new () => TopicTrie };
  return new module.TopicTrie();
}

export async function trie(): Promise<void> {
  const topics = optionNumber("topics", 1000);
  const structure = await loadTrie();
  const bodies = sampleTopics(topics, optionNumber("samples", 65_536));
  const counter = {
    matches: 0,
    match(): void {
      this.matches++;
    },
  };
  serve({
    memory: answerMemory,
    build: () => {
      const octets = Buffer.alloc(topicSize);
      const startMs = performance.now();
      for (let i = 0; i < topics; i++) {
        octets.write(topicText(i), "latin1");
        structure.add(1, octets, 0);
      }
      const ns = Math.round((performance.now() - startMs) * 1e6);
      if (structure.topicCount !== topics) throw new Error(`${structure.topicCount} topics, not ${topics}`);
      answer("built", { ns });
    },
    run: (count) => {
      const cpu = cpuUs();
      counter.matches = 0;
      const startMs = performance.now();
      for (let i = 0, at = 0; i < count; i++) {
        structure.match(bodies[at], counter);
        if (++at === bodies.length) at = 0;
      }
      const ns = Math.round((performance.now() - startMs) * 1e6);
      if (counter.matches !== count) throw new Error(`${counter.matches} matches, not ${count}`);
      answer("result", { count, bytes: 0, ns, cpuUs: cpuUs() - cpu });
    },
  });
  answer("ready");
}
