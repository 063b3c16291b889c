import { open, readFile, rename, rm } from "node:fs/promises";
import { ZmqError } from "../base/errors.ts";
import { curvePublicKey } from "../crypto/key-pair.ts";
import { KEY_TEXT_SIZE, tryDecodeKey } from "../crypto/z85.ts";
import { fileError, isGone } from "./file-error.ts";
import type { ZplProperty } from "./zpl.ts";
import { formatZpl, parseZpl } from "./zpl.ts";

/** What a certificate file of CZMQ holds: keys in Z85, and what else its owner wants to say. */
export interface Certificate {
  /** 40 characters in Z85. */
  readonly publicKey: string;
  /** 40 characters in Z85; only in secret certificates. Not shown by `console.log` and `JSON.stringify`. */
  readonly secretKey?: string | undefined;
  /** Name and value: `{ name: "Alice", organization: "Zero" }`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const BANNER = "#   ZeroMQ CURVE certificate; 4/ZPL describes the format.\n";
const PUBLIC_NOTE = "#   Public: give it to whoever shall know its owner.\n\n";
const SECRET_NOTE = "#   SECRET: it stays with its owner, who gives the public one to others.\n\n";
const SECRET_SUFFIX = "_secret";

/** A certificate in the text of a file, CZMQ's, pyzmq's or ours. EINVAL for what is none. */
export function parseCertificate(text: string): Certificate {
  const properties = parseZpl(text);
  const curve = properties.find(({ name }) => name === "curve")?.children ?? [];
  const publicKey = keyIn(curve, "public-key");
  const secretKey = keyIn(curve, "secret-key");
  if (publicKey === undefined) throw invalid("The text has no public-key in a section curve.");
  if (secretKey !== undefined && curvePublicKey(secretKey) !== publicKey)
    throw invalid("The public-key and the secret-key are not of one pair.");
  const entries = properties.find(({ name }) => name === "metadata")?.children ?? [];
  const metadata = Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  return hideSecret({ publicKey, secretKey, metadata });
}

/** The text of a certificate file: of the secret one if `withSecret`. EINVAL for keys that are none. */
export function formatCertificate(certificate: Certificate, withSecret = false): string {
  const { publicKey, secretKey, metadata = {} } = certificate;
  const keys = [leaf("public-key", checkKey(publicKey, "publicKey"))];
  if (withSecret) keys.push(leaf("secret-key", checkKey(secretKey ?? "", "secretKey")));
  return (
    BANNER +
    (withSecret ? SECRET_NOTE : PUBLIC_NOTE) +
    formatZpl([
      {
        name: "metadata",
        value: "",
        children: Object.entries(metadata).map(([name, value]) => leaf(name, value)),
      },
      { name: "curve", value: "", children: keys },
    ])
  );
}

/**
 * Reads `path_secret` if it is there, and `path` otherwise, as CZMQ's `zcert_load` does. ENOENT where neither is, EACCES
 * where this user may not read it, EINVAL for what is no certificate.
 */
export async function readCertificate(path: string): Promise<Certificate> {
  const text = (await readText(path + SECRET_SUFFIX, true)) ?? (await readText(path, false));
  return parseCertificate(text as string);
}

/**
 * Writes `path`, and `path_secret`, which only its owner may read, if there is a secret key. A file that is there is
 * replaced whole, or not at all. ENOENT and others where the system does not let it.
 */
export async function writeCertificate(path: string, certificate: Certificate): Promise<void> {
  const publicText = formatCertificate(certificate);
  if (certificate.secretKey !== undefined)
    await replaceFile(path, SECRET_SUFFIX, formatCertificate(certificate, true), 0o600);
  await replaceFile(path, "", publicText, 0o644);
}

async function readText(path: string, mayBeGone: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (mayBeGone && isGone(error)) return undefined;
    throw fileError("read the certificate", path, error);
  }
}

let draftCount = 0;

/** Never readable by others, not even while it is written, and never half there. A secret draft ends as its file does. */
async function replaceFile(path: string, suffix: string, text: string, mode: number): Promise<void> {
  const target = path + suffix;
  const draft = `${path}.${process.pid}.${++draftCount}.new${suffix}`;
  try {
    await rm(draft, { force: true });
    const file = await open(draft, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw fileError("write the certificate", target, error);
  }
}

function keyIn(properties: readonly ZplProperty[], name: string): string | undefined {
  const property = properties.find((one) => one.name === name);
  return property === undefined ? undefined : checkKey(property.value, name);
}

function checkKey(key: string, what: string): string {
  if (tryDecodeKey(key) !== undefined) return key;
  throw invalid(`The ${what} is no key of ${KEY_TEXT_SIZE} characters in Z85.`);
}

function leaf(name: string, value: string): ZplProperty {
  return { name, value, children: [] };
}

function hideSecret(certificate: Certificate): Certificate {
  const hidden = { ...certificate };
  Object.defineProperty(hidden, "secretKey", { value: certificate.secretKey, enumerable: false });
  return hidden;
}

function invalid(sentence: string): ZmqError {
  return new ZmqError("EINVAL", sentence, { remedy: "writeCertificate() writes what CZMQ and pyzmq read." });
}
