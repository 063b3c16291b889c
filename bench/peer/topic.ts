/** The distinct topics of the matching benchmark: the same as bench/c/topic.c makes. */

export const topicSize = 15;

/**
 * A bijection of 32-bit numbers (odd multipliers and xor-shifts are invertible), so the topics are distinct
 * and scattered: neither a dense range nor one shared chain of prefixes.
 */
function scatter(index: number): number {
  let x = index >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  x ^= x >>> 16;
  return x >>> 0;
}

export function topicText(index: number): string {
  return `sensor/${scatter(index).toString(16).padStart(8, "0")}`;
}

/** At most `samples` topics, evenly chosen from the first `topics`, as views of one block of memory. */
export function sampleTopics(topics: number, samples: number): Buffer[] {
  const count = Math.min(topics, samples);
  const block = Buffer.allocUnsafeSlow(count * topicSize);
  const bodies: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    block.write(topicText(Math.floor((i * topics) / count)), i * topicSize, "latin1");
    bodies.push(block.subarray(i * topicSize, (i + 1) * topicSize));
  }
  return bodies;
}
