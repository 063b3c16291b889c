import { platform } from "../../base/platform.ts";
import type { Finding } from "../../core/finding.ts";

/** So many warnings with one code, then silence. */
const COUNT_PER_CODE_MAX = 10;

/** How often each code was warned of, in this thread. */
const counts = new Map<string, number>();

/**
 * One warning to the person who runs the process: which socket, what happened, what to do, where to read on. `moreCount` findings at the
 * same socket have the same cause. The tenth with its code is the last, and says so.
 */
export function warnOf(finding: Finding, moreCount: number): void {
  const count = (counts.get(finding.code) ?? 0) + 1;
  if (count > COUNT_PER_CODE_MAX) return;
  counts.set(finding.code, count);
  const code = `ZMQ_${finding.code.toUpperCase().replaceAll("-", "_")}`;
  const sentences = [`${finding.socket.label}: ${finding.what}`];
  if (moreCount > 0)
    sentences.push(`The same goes for ${moreCount} more at this socket; explain() lists them.`);
  sentences.push(finding.remedy, `See ${finding.help}`);
  if (count === COUNT_PER_CODE_MAX)
    sentences.push(`(This is warning ${count} with ${code}: further ones are kept quiet.)`);
  platform.warn(sentences.join(" "), code);
}
