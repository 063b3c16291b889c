/** A B C A B C ...: contenders take turns, so what disturbs the machine for a while disturbs all of them. */
import { median } from "./stats.ts";

/** What one contender did at one place of the scale. */
export interface Cell {
  contender: string;
  samples: number[];
  /** Further figures of each round, by name. */
  extra: Record<string, number[]>;
  failure?: string;
}

export interface Sample {
  value: number;
  extra?: Record<string, number>;
}

export async function alternate<C extends { name: string }>(
  contenders: readonly C[],
  rounds: number,
  measure: (contender: C) => Promise<Sample>,
  onSample: (contender: C, round: number, sample: Sample) => void,
): Promise<Cell[]> {
  const cells: Cell[] = contenders.map(({ name }) => ({ contender: name, samples: [], extra: {} }));
  for (let round = 0; round < rounds; round++) {
    for (const [at, contender] of contenders.entries()) {
      const cell = cells[at];
      if (cell.failure !== undefined) continue;
      try {
        const sample = await measure(contender);
        cell.samples.push(sample.value);
        for (const [key, value] of Object.entries(sample.extra ?? {})) (cell.extra[key] ??= []).push(value);
        onSample(contender, round, sample);
      } catch (error) {
        cell.failure = (error as Error).message;
        process.stderr.write(`\n!! ${contender.name} failed and is out: ${cell.failure}\n`);
      }
    }
  }
  return cells;
}

export function cellMedian(cells: readonly Cell[], contender: string, extra?: string): number {
  const cell = cells.find((each) => each.contender === contender);
  if (cell === undefined || cell.samples.length === 0) return Number.NaN;
  return median(extra === undefined ? cell.samples : (cell.extra[extra] ?? []));
}

export interface Pace {
  /** Of the run that counts. */
  seconds: number;
  /** Of the run before it, which lets the JIT compilers and the TCP windows settle. */
  warmSeconds: number;
}

export interface Run {
  count: number;
  ns: number;
}

/** Between the first message and the last there is one interval fewer than messages. */
export function perSecond({ count, ns }: Run): number {
  return ((count - 1) / ns) * 1e9;
}

/**
 * Finds out how many messages fill the time, warms up with that, and measures: the same for every contender.
 * Rates differ by a factor of 50 between them, so a fixed count would be too short for one or too long for
 * another.
 */
export async function paced<R extends Run>(
  firstCount: number,
  { seconds, warmSeconds }: Pace,
  run: (count: number) => Promise<R>,
): Promise<R> {
  let count = firstCount;
  let probe = await run(count);
  while (probe.ns < 20e6) {
    count *= 4;
    probe = await run(count);
  }
  const countFor = (done: Run, duration: number): number =>
    Math.max(8, Math.round(perSecond(done) * duration));
  const warm = await run(countFor(probe, warmSeconds));
  return await run(countFor(warm, seconds));
}
