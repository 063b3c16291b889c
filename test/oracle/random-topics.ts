import type { Random } from "../../fuzz/random.ts";

/** Makes topics that have much in common, or nothing; an alphabet of 2 makes them nest, one of 256 makes nodes wide. */
export function topicSource(random: Random): () => Uint8Array {
  const alphabet = random.pick([1, 2, 3, 12, 26, 60, 256]);
  const sizeMax = random.pick([1, 3, 6, 12, 40]);
  const start = random.chance(0.3) ? random.octets(random.below(30)) : new Uint8Array(0);
  const known: Uint8Array[] = [];
  return () => {
    if (known.length > 0 && random.chance(0.3)) {
      // One that was there before, or a piece of it, or more than it.
      const topic = random.pick(known);
      if (random.chance(0.4)) return topic;
      if (random.chance(0.5)) return topic.subarray(0, random.below(topic.length + 1));
      return Buffer.concat([topic, random.octets(random.below(4))]);
    }
    const size = random.below(sizeMax + 1);
    const own = random.octets(size).map((octet) => (octet * 7) % alphabet);
    const topic = Buffer.concat([start, own]);
    if (known.length < 200) known.push(topic);
    else known[random.below(200)] = topic;
    return topic;
  };
}
