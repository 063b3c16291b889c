import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { AuthenticatorOptions } from "../../index.ts";
import { curveKeyPair, curvePublicKey, parseCertificate, ZmqError } from "../../index.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import { UsageError } from "../command.ts";
import type { Source } from "./secrets.ts";
import { readKeyPair, readPublicKey, readSecret, readSecretKey } from "./secrets.ts";

/** What a client shows. */
export const CLIENT_OPTIONS = {
  "curve-server-key": {
    kind: "text",
    takesKey: true,
    value: "KEY|FILE",
    help: "speak CURVE, as a client of the server with this public key",
  },
  "curve-cert": {
    kind: "text",
    value: "FILE",
    help: "the own keys for CURVE: a secret certificate, as zmq keygen writes it. A client without makes a fresh pair",
  },
  "curve-secret-key": {
    kind: "text",
    takesKey: true,
    value: "KEY|FILE",
    help: "the own secret key instead of a certificate, or env:NAME; the public key follows from it",
  },
  "curve-public-key": {
    kind: "text",
    takesKey: true,
    value: "KEY|FILE",
    help: "the own public key, if it shall be checked that both are of one pair",
  },
  "plain-username": { kind: "text", value: "NAME", help: "speak PLAIN, as a client with this name" },
  "plain-password": {
    kind: "text",
    value: "TEXT",
    help: "the password that belongs to it: env:NAME, file:PATH, or the text. PLAIN sends it in clear text",
  },
} as const satisfies OptionTable;

/** What a server asks for. */
export const SERVER_OPTIONS = {
  "curve-server": { kind: "flag", help: "speak CURVE, as the server" },
  "authorized-keys": {
    kind: "text",
    value: "DIR",
    help: "of a CURVE server: only clients whose public certificates are in this directory come in; without it, all who know the server's key",
  },
  "plain-server": { kind: "flag", help: "speak PLAIN, as the server" },
  passwords: {
    kind: "text",
    value: "FILE",
    help: "of a PLAIN server: a line name=password for each client that may come in",
  },
  "zap-domain": {
    kind: "text",
    value: "NAME",
    help: "of a server: the domain that its authenticator is told",
  },
} as const satisfies OptionTable;

/** The mechanisms, for all commands with sockets. */
export const SECURITY_OPTIONS = { ...CLIENT_OPTIONS, ...SERVER_OPTIONS } as const satisfies OptionTable;

export const SECURITY_DETAILS = `Connections are in clear text and open to all, unless one of --curve-server, --curve-server-key,
--plain-server and --plain-username is given. Keys are made by zmq keygen.`;

export type ClientValues = ValuesOf<typeof CLIENT_OPTIONS>;
export type SecurityValues = ClientValues & Partial<ValuesOf<typeof SERVER_OPTIONS>>;

/** Options of a socket, by their names in the package. */
export type Settings = Readonly<Record<string, unknown>>;

/** What the options of a call come to. */
export interface Security {
  /** For a socket that is the server of its mechanism; `null` if there is none. */
  readonly server: Settings | null;
  /** For one that is a client. */
  readonly client: ClientSettings | null;
  /** Who comes in to a server; `null` where nobody has to be asked. */
  readonly policy: AuthenticatorOptions | null;
}

export interface ClientSettings extends Settings {
  readonly curveServerKey?: string;
  readonly curveSecretKey?: string;
  readonly plainUsername?: string;
  readonly plainPassword?: string;
}

/** Throws `UsageError` for what does not go together, and for keys and files that are none. */
export async function toSecurity(values: SecurityValues, source: Source): Promise<Security> {
  checkRoles(values);
  const keys = await ownKeys(values, source);
  return {
    client: await toClient(values, keys, source),
    server: toServer(values, keys),
    policy: await toPolicy(values, source),
  };
}

/** A socket has one role, but a proxy has several sockets. */
export function oneRole({ server, client }: Security): Settings {
  if (server !== null && client !== null) {
    throw new UsageError(
      "A socket is the server of its mechanism or a client: --curve-server and --plain-server go with no --curve-server-key and no --plain-username.",
    );
  }
  return server ?? client ?? {};
}

function checkRoles(values: SecurityValues): void {
  const given = (name: keyof SecurityValues): boolean => values[name] !== undefined && values[name] !== false;
  const refuse = (sentence: string): never => {
    throw new UsageError(sentence);
  };
  const curve = (["curve-server", "curve-server-key"] as const).filter(given);
  const plain = (["plain-server", "plain-username", "plain-password"] as const).filter(given);
  if (curve.length > 0 && plain.length > 0)
    refuse(`--${curve[0]} and --${plain[0]} exclude each other: a connection has one mechanism.`);
  const needed: readonly [keyof SecurityValues, keyof SecurityValues, string][] = [
    ["plain-username", "plain-password", "the password of that name"],
    ["plain-password", "plain-username", "whose password it is"],
    ["authorized-keys", "curve-server", "which clients of CURVE may come in is the server's to say"],
    ["passwords", "plain-server", "which clients of PLAIN may come in is the server's to say"],
    ["plain-server", "passwords", "without passwords nobody could come in"],
    ["curve-public-key", "curve-secret-key", "one key of a pair is of no use"],
  ];
  for (const [one, other, why] of needed) {
    if (given(one) && !given(other) && !(one === "curve-public-key" && given("curve-cert")))
      refuse(`--${one} needs --${other}: ${why}.`);
  }
  const own = (["curve-cert", "curve-secret-key", "curve-public-key"] as const).filter(given);
  if (own.length > 0 && curve.length === 0)
    refuse(`--${own[0]} needs --curve-server or --curve-server-key: without them nothing is sealed.`);
  if (given("curve-cert") && own.length > 1)
    refuse(`--curve-cert and --${own[1]} exclude each other: a certificate has both keys.`);
  if (given("curve-server") && own.length === 0)
    refuse("--curve-server needs the server's own keys: --curve-cert FILE, which zmq keygen writes.");
  if (given("zap-domain") && !given("curve-server") && !given("plain-server"))
    refuse("--zap-domain needs --curve-server or --plain-server: clients have no domain.");
}

interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

async function ownKeys(values: SecurityValues, source: Source): Promise<KeyPair | undefined> {
  const { "curve-cert": path, "curve-secret-key": secret, "curve-public-key": expected } = values;
  if (path !== undefined) return readKeyPair("curve-cert", path, source);
  if (secret === undefined) return undefined;
  const secretKey = await readSecretKey("curve-secret-key", secret, source);
  const publicKey = curvePublicKey(secretKey);
  if (expected !== undefined && (await readPublicKey("curve-public-key", expected)) !== publicKey)
    throw new UsageError("--curve-public-key and --curve-secret-key are not of one pair.");
  return { publicKey, secretKey };
}

async function toClient(
  values: SecurityValues,
  keys: KeyPair | undefined,
  source: Source,
): Promise<ClientSettings | null> {
  const { "curve-server-key": server, "plain-username": name, "plain-password": password } = values;
  if (server !== undefined) {
    const curveServerKey = await readPublicKey("curve-server-key", server);
    return { curveServerKey, curveSecretKey: (keys ?? curveKeyPair()).secretKey };
  }
  if (name === undefined) return null;
  return {
    plainUsername: name,
    plainPassword: await readSecret("plain-password", password as string, source),
  };
}

function toServer(values: SecurityValues, keys: KeyPair | undefined): Settings | null {
  const domain = values["zap-domain"] === undefined ? {} : { zapDomain: values["zap-domain"] };
  if (values["curve-server"] === true)
    return { curveServer: true, curveSecretKey: keys?.secretKey, ...domain };
  return values["plain-server"] === true ? { plainServer: true, ...domain } : null;
}

async function toPolicy(values: SecurityValues, source: Source): Promise<AuthenticatorOptions | null> {
  const { "authorized-keys": directory, passwords: file } = values;
  const { console } = source;
  const onError = (error: unknown): void => {
    const { code } = error as NodeJS.ErrnoException;
    const what = file === undefined ? "--authorized-keys" : "--passwords";
    console.warn(`What ${what} names cannot be read any more (${code}): clients are refused.`);
  };
  if (file !== undefined) {
    await checkPasswords(file);
    return { plain: { file }, onError };
  }
  if (directory !== undefined) {
    await checkDirectory(directory, source);
    return { curve: { directory }, onError };
  }
  // A domain without somebody to ask lets nobody in.
  return values["zap-domain"] === undefined ? null : { curve: "any" };
}

async function checkPasswords(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--passwords: ${file} cannot be read (${error.code}).`);
  });
  if (!/^[^#=\r\n][^=\r\n]*=/m.test(text))
    throw new UsageError(`--passwords: there is no line name=password in ${file}.`);
}

async function checkDirectory(path: string, { console }: Source): Promise<void> {
  const found: Stats | undefined = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new UsageError(`--authorized-keys: there is no directory ${path}.`);
  const refuse = (error: NodeJS.ErrnoException): never => {
    throw new UsageError(`--authorized-keys: ${error.path ?? path} cannot be read (${error.code}).`);
  };
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }).catch(refuse)) {
    if (entry.isDirectory() || entry.name.endsWith("_secret")) continue;
    if (isCertificate(await readFileAt(join(entry.parentPath ?? entry.path, entry.name)).catch(refuse)))
      return;
  }
  console.warn(`There is no public certificate in ${path}: until there is one, nobody comes in.`);
}

/** The text of a file, or of that to which a link leads; empty where there is none, or none any more. */
async function readFileAt(path: string): Promise<string> {
  try {
    return (await stat(path)).isFile() ? await readFile(path, "utf8") : "";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function isCertificate(text: string): boolean {
  try {
    return parseCertificate(text).publicKey.length > 0;
  } catch (error) {
    if (error instanceof ZmqError) return false;
    throw error;
  }
}
