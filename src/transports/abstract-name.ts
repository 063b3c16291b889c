import { platform } from "../base/platform.ts";

/**
 * Whether this libuv fills the names of Linux's abstract namespace up with zeros, to 107 octets: those before 1.48 do,
 * and Node 20 stays with 1.46. Such a name is another name: who does not pad, like libzmq and Node 22, never finds it.
 */
export function padsAbstractNames(libuvVersion: string | undefined): boolean {
  const [major = 0, minor = 0] = (libuvVersion ?? "").split(".").map(Number);
  return major === 1 && minor < 48;
}

let isWarned = false;

/** Tells the person who runs the process, once. */
export function warnIfPadded(endpoint: string): void {
  if (isWarned || !padsAbstractNames(process.versions.uv)) return;
  isWarned = true;
  const why = `this Node (${process.version}) fills such names up with zeros, so only peers on such a Node find each other`;
  platform.warn(
    `${endpoint}: ${why}, and libzmq does not. Use a path, or Node 22 or later.`,
    "ZMQ_ABSTRACT_PADDED",
  );
}
