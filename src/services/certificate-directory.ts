import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { platform } from "../base/platform.ts";
import { fileError, isGone } from "./file-error.ts";

/** What a certificate file tells: a public key in Z85, and what else its owner wrote. */
export interface PublicCertificate {
  /** 40 characters of Z85. */
  readonly publicKey: string;
  /** Name and value, as the file has them. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Reads the text of a certificate file. What is none throws, or is `undefined`. */
export type ReadCertificate = (text: string) => PublicCertificate | undefined;

/** The directory is looked at so often at most. */
const LOOK_MS = 1000;
const LIST_ATTEMPTS = 5;

interface FoundFile {
  readonly path: string;
  /** Another one when the file is another or has changed. */
  readonly state: string;
}

/**
 * Public certificates in the files of a directory and those below it, by their keys; files whose names end with
 * `_secret` are left alone. It is read again when a file came, went or changed, a second later at most. Files may come,
 * go and change while it is read.
 */
export class CertificateDirectory {
  readonly #path: string;
  readonly #read: ReadCertificate;
  #certificates: ReadonlyMap<string, PublicCertificate>;
  #state: string | null;
  /** Two looks in a row have seen the same. A file's times are no finer than a tick of the system's clock. */
  #isSettled: boolean;
  #lookedAt: number;
  #looking: Promise<void> | null;

  constructor(path: string, read: ReadCertificate) {
    this.#path = path;
    this.#read = read;
    this.#certificates = new Map();
    this.#state = null;
    this.#isSettled = false;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#looking = null;
  }

  /** The certificate of a key, if it is there. Rejects where the directory cannot be read. */
  async find(publicKey: string): Promise<PublicCertificate | undefined> {
    if (this.#looking === null && platform.now() - this.#lookedAt >= LOOK_MS) {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
      });
    }
    if (this.#looking !== null) await this.#looking;
    return this.#certificates.get(publicKey);
  }

  async #look(): Promise<void> {
    const files = await this.#find();
    const state = files
      .map((file) => file.state)
      .sort()
      .join("\n");
    const isSame = state === this.#state;
    if (!isSame || !this.#isSettled) {
      const certificates = new Map<string, PublicCertificate>();
      for (const { path } of files) {
        const certificate = await this.#readSafely(path);
        if (certificate !== undefined) certificates.set(certificate.publicKey, certificate);
      }
      this.#certificates = certificates;
      this.#state = state;
    }
    this.#isSettled = isSame;
    this.#lookedAt = platform.now();
  }

  async #find(): Promise<FoundFile[]> {
    const files: FoundFile[] = [];
    for (const entry of await this.#list()) {
      if (entry.isDirectory() || entry.name.endsWith("_secret")) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      try {
        // What a symbolic link points to.
        const found = await stat(path, { bigint: true });
        const { mtimeNs, ctimeNs, size, ino } = found;
        if (found.isFile()) files.push({ path, state: [path, mtimeNs, ctimeNs, size, ino].join(" ") });
      } catch (error) {
        if (!isGone(error)) throw fileError("look at the certificate", path, error);
      }
    }
    return files;
  }

  async #list(): Promise<Dirent[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await readdir(this.#path, { recursive: true, withFileTypes: true });
      } catch (error) {
        // A directory below it went while it was listed.
        const isBelow = isGone(error) && (error as { path?: string }).path !== this.#path;
        if (!isBelow || attempt === LIST_ATTEMPTS)
          throw fileError("read the certificates in", this.#path, error);
      }
    }
  }

  /** A file that is no certificate admits nobody, and does not stand in the way of the others. */
  async #readSafely(path: string): Promise<PublicCertificate | undefined> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (isGone(error)) return undefined;
      throw fileError("read the certificate", path, error);
    }
    try {
      return this.#read(text);
    } catch {
      return undefined;
    }
  }
}
