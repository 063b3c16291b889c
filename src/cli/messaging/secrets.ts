import { readFile, stat } from "node:fs/promises";
import type { Certificate } from "../../index.ts";
import { decodeZ85, parseCertificate, readCertificate, ZmqError } from "../../index.ts";
import { UsageError } from "../command.ts";
import type { Console } from "../console.ts";
import type { Io } from "../io.ts";

/** Of a key in Z85. */
const KEY_LENGTH = 40;
const OTHERS_MAY = 0o077;

/** Where a command has its keys and passwords from. */
export interface Source {
  readonly environment: Io["environment"];
  readonly console: Console;
}

/**
 * The secret that an option names: `env:NAME` is a variable of the environment, `file:PATH` the first line of a file, all
 * else the secret itself. No sentence repeats it.
 */
export async function readSecret(option: string, given: string, source: Source): Promise<string> {
  const variable = toVariable(given);
  if (variable !== undefined) return readVariable(option, variable, source);
  if (given.startsWith("file:")) {
    const text = await readPrivately(option, given.slice("file:".length), source.console);
    return text.split(/\r?\n/, 1)[0] as string;
  }
  tellSeen(option, source.console);
  return given;
}

/** The secret key that an option names: a key, a file with one, a secret certificate, or `env:NAME`. */
export async function readSecretKey(option: string, given: string, source: Source): Promise<string> {
  const variable = toVariable(given);
  if (variable !== undefined) {
    const key = readVariable(option, variable, source).trim();
    if (isKey(key)) return key;
    throw new UsageError(`--${option}: the variable ${variable} holds no key of ${KEY_LENGTH} characters.`);
  }
  if (isKey(given)) {
    tellSeen(option, source.console);
    return given;
  }
  const text = await readPrivately(option, withoutPrefix(given), source.console);
  const key = isKey(text.trim()) ? text.trim() : certificateIn(option, text).secretKey;
  if (key !== undefined) return key;
  throw new UsageError(
    `--${option}: that is a public certificate; the secret one is in the file beside it that ends with _secret.`,
  );
}

/** The public key that an option names: a key, or a file with one or with a certificate. */
export async function readPublicKey(option: string, given: string): Promise<string> {
  if (isKey(given)) return given;
  const text = await readOr(option, withoutPrefix(given));
  return isKey(text.trim()) ? text.trim() : certificateIn(option, text).publicKey;
}

/** Both keys, from a secret certificate or from the public one beside it. */
export async function readKeyPair(
  option: string,
  path: string,
  { console }: Source,
): Promise<{ readonly publicKey: string; readonly secretKey: string }> {
  let certificate: Certificate;
  try {
    certificate = await readCertificate(path);
  } catch (error) {
    if (error instanceof ZmqError && error.code === "EINVAL") throw noCertificate(option, error);
    throw unreadable(option, error);
  }
  const { publicKey, secretKey } = certificate;
  if (secretKey === undefined) {
    throw new UsageError(
      `--${option}: ${path} is a public certificate, and there is no ${path}_secret: zmq keygen writes both.`,
    );
  }
  // The secret file is the one that was read, if it is there.
  if (!(await warnIfShared(`${path}_secret`, console))) await warnIfShared(path, console);
  return { publicKey, secretKey };
}

function isKey(text: string): boolean {
  if (text.length !== KEY_LENGTH) return false;
  try {
    return decodeZ85(text).length > 0;
  } catch (error) {
    if (error instanceof ZmqError) return false;
    throw error;
  }
}

function toVariable(given: string): string | undefined {
  return /^env:([A-Za-z_]\w*)$/.exec(given)?.[1];
}

function withoutPrefix(given: string): string {
  return given.replace(/^file:/, "");
}

function readVariable(option: string, name: string, { environment }: Source): string {
  const value = environment[name];
  if (value !== undefined) return value;
  throw new UsageError(`--${option}: there is no variable ${name} in the environment.`);
}

async function readPrivately(option: string, path: string, console: Console): Promise<string> {
  const text = await readOr(option, path);
  // A public certificate is for everybody.
  if (isKey(text.trim()) || !/^\s*public-key/m.test(text) || /^\s*secret-key/m.test(text))
    await warnIfShared(path, console);
  return text;
}

async function readOr(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(option, error);
  }
}

/** What was given may be a secret with a slip of the pen: it is not repeated. */
function unreadable(option: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`;
  const also =
    option === "curve-cert" || option === "passwords" ? "" : `no key of ${KEY_LENGTH} characters, and `;
  return new UsageError(`--${option}: ${option.startsWith("plain") ? "" : also}${why}.`);
}

function certificateIn(option: string, text: string): Certificate {
  try {
    return parseCertificate(text);
  } catch (error) {
    throw noCertificate(option, error);
  }
}

function noCertificate(option: string, error: unknown): UsageError {
  return new UsageError(`--${option}: the file is no certificate. ${(error as Error).message}`);
}

function tellSeen(option: string, console: Console): void {
  console.note(
    `What --${option} says can be seen by all users of this machine (ps): env:NAME or a file keeps it.`,
  );
}

/** As ssh does, and without refusing. Answers whether the file is there. */
async function warnIfShared(path: string, console: Console): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  // Windows has no such rights.
  if (process.platform !== "win32" && (found.mode & OTHERS_MAY) !== 0)
    console.warn(`${path} holds a secret, and other users of this machine may read it: chmod 600 ${path}`);
  return true;
}
