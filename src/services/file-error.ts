import type { ErrorCode } from "../base/errors.ts";
import { ZmqError } from "../base/errors.ts";

interface Translation {
  readonly code: ErrorCode;
  /** Ends the sentence "Cannot read the certificate alice: ...". */
  readonly why: string;
  readonly remedy: string;
}

const DENIED: Translation = {
  code: "EACCES",
  why: "the system does not allow it",
  remedy:
    "Check whose the file and its directories are and who may use them: secret files are their owner's alone.",
};
const FULL: Translation = {
  code: "EIO",
  why: "there is no room on the disk",
  remedy: "Nothing was replaced: make room, and write again.",
};
const TOO_MANY: Translation = {
  code: "EMFILE",
  why: "the process has as many files open as the system allows",
  remedy: "Close some, or raise the limit (ulimit -n).",
};

/** What the system's codes mean where files are read and written. */
const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  ENOENT: {
    code: "ENOENT",
    why: "there is no such file or directory",
    remedy: "Check the path; it is looked for from the working directory of the process on.",
  },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { ...DENIED, why: "the file system can only be read", remedy: "Choose another place." },
  EISDIR: { code: "EINVAL", why: "it is a directory", remedy: "Name a file in it." },
  ENOTDIR: { code: "ENOTDIR", why: "a part of the path is no directory", remedy: "Check the path." },
  ELOOP: {
    code: "EINVAL",
    why: "its symbolic links lead in a circle",
    remedy: "Check where they point to.",
  },
  ENAMETOOLONG: { code: "ENAMETOOLONG", why: "the path is too long", remedy: "Choose a shorter one." },
  ENOSPC: FULL,
  EDQUOT: FULL,
  EMFILE: TOO_MANY,
  ENFILE: TOO_MANY,
};

/**
 * The error of reading or writing a file: `what` could not be done to it, what the system said, and what to do. What the
 * system did not say is given back as it is: it is no fault of a file.
 */
export function fileError(what: string, path: string, cause: unknown): unknown {
  const said = (cause as { readonly code?: unknown } | null | undefined)?.code;
  if (typeof said !== "string" || cause instanceof ZmqError) return cause;
  const known = TRANSLATIONS[said];
  const sentence = `Cannot ${what} ${path}: ${known?.why ?? `the system said ${said}`}.`;
  return new ZmqError(known?.code ?? "EIO", sentence, {
    cause,
    remedy: known?.remedy ?? "The cause of the error is the system's.",
  });
}

/** Whether the file is not there, or not there any more. */
export function isGone(cause: unknown): boolean {
  return (cause as { readonly code?: unknown } | null | undefined)?.code === "ENOENT";
}
