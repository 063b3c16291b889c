import type { Stats } from "node:fs";
import { lstat, mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { curveKeyPair, writeCertificate } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { asUsage } from "../messaging/life.ts";

const OPTIONS = {
  out: {
    kind: "text",
    short: "o",
    value: "DIR|FILE",
    help: "where: a directory, in which the file is called as its owner, or the public file",
  },
  force: { kind: "flag", short: "f", help: "replace files that are there: their keys are lost" },
} as const satisfies OptionTable;

type KeygenCall = Call<typeof OPTIONS>;

interface Owner {
  readonly name: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `alice email=alice@example.com`. */
function toOwner(positionals: readonly string[]): Owner {
  const metadata: Record<string, string> = {};
  const names = positionals.filter((text) => !text.includes("="));
  if (names.length > 1) throw new UsageError(`One name, not "${names.join('" and "')}".`);
  const [name] = names;
  if (name !== undefined && (/[/\\]/.test(name) || name.startsWith(".")))
    throw new UsageError(`"${name}" is no name; --out says where the files go.`);
  if (name !== undefined) metadata["name"] = name;
  for (const text of positionals) {
    const at = text.indexOf("=");
    if (at === 0) throw new UsageError(`"${text}" is no metadata; email=alice@example.com is.`);
    if (at > 0) metadata[text.slice(0, at)] = text.slice(at + 1);
  }
  return { name, metadata };
}

async function toPath({ values: { out } }: KeygenCall, { name }: Owner): Promise<string> {
  if (out === undefined) {
    if (name === undefined) throw new UsageError("Say whose keys they are, or with --out where they go.");
    return name;
  }
  const isNew = /[/\\]$/.test(out);
  if (isNew) await mkdir(out, { recursive: true, mode: 0o700 });
  const found: Stats | undefined = await stat(out).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    const parent = dirname(out);
    if ((await stat(parent).catch(() => undefined))?.isDirectory() === true) return out;
    throw new UsageError(`There is no directory ${parent}.`);
  }
  if (name === undefined)
    throw new UsageError(`${out} is a directory: say whose keys they are, or name the file.`);
  return join(out, name);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function run(call: KeygenCall): Promise<number> {
  const { values, positionals, console } = call;
  const owner = toOwner(positionals);
  const publicFile = await toPath(call, owner);
  const secretFile = `${publicFile}_secret`;
  if (!values.force) {
    for (const path of [publicFile, secretFile]) {
      if (!(await isThere(path))) continue;
      const sentence = `${path} is there already, and nothing was written. With --force it is replaced.`;
      throw Object.assign(new Error(sentence), { code: "EEXIST" });
    }
  }
  const { publicKey, secretKey } = curveKeyPair();
  const { metadata } = owner;
  await asUsage(() => writeCertificate(publicFile, { publicKey, secretKey, metadata }));
  console.note(`${publicFile} is the public certificate: give it to whoever shall know this key`);
  console.note(`${secretFile} is the secret one: it stays here`);
  await console.result({ publicKey, publicFile, secretFile, metadata }, publicKey);
  return EXIT.ok;
}

export const keygen: Command = defineCommand({
  usage: "[options] [NAME] [NAME=VALUE...]",
  details: `Makes a pair of keys for CURVE and writes two files in CZMQ's format, which pyzmq reads as well: the
public certificate, and beside it, ending with _secret and for its owner alone, the one with both
keys. Prints the public key, and never the secret one. NAME is whose keys they are, and the file if
--out names none; NAME=VALUE is what else shall stand in the certificate. Files that are there are
not replaced.`,
  options: OPTIONS,
  examples: [
    "zmq keygen alice",
    "zmq keygen server --out /etc/zmq/keys/ organization='Zero Ltd'",
    "zmq keygen --out ~/.zmq/laptop.cert --json",
    "zmq pull @tcp://*:5555 --curve-server --curve-cert server --authorized-keys clients/",
  ],
  run,
});
