import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { platform } from "../base/platform.ts";

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

/**
 * Public certificates in the files of a directory and those below it, by their keys; files whose names end with
 * `_secret` are left alone. It is read again when a file came, went or changed, a second later at most.
 */
export class CertificateDirectory {
  readonly #path: string;
  readonly #read: ReadCertificate;
  #certificates: ReadonlyMap<string, PublicCertificate>;
  #state: string | null;
  #lookedAt: number;
  #looking: Promise<void> | null;

  constructor(path: string, read: ReadCertificate) {
    this.#path = path;
    this.#read = read;
    this.#certificates = new Map();
    this.#state = null;
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
    const files: { readonly path: string; readonly state: string }[] = [];
    for (const entry of await readdir(this.#path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith("_secret")) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const { mtimeNs, ctimeNs, size, ino } = await stat(path, { bigint: true });
      files.push({ path, state: [path, mtimeNs, ctimeNs, size, ino].join(" ") });
    }
    const state = files
      .map((file) => file.state)
      .sort()
      .join("\n");
    if (state !== this.#state) {
      const certificates = new Map<string, PublicCertificate>();
      for (const { path } of files) {
        const certificate = this.#readSafely(await readFile(path, "utf8"));
        if (certificate !== undefined) certificates.set(certificate.publicKey, certificate);
      }
      this.#certificates = certificates;
      this.#state = state;
    }
    this.#lookedAt = platform.now();
  }

  /** A file that is no certificate admits nobody, and does not stand in the way of the others. */
  #readSafely(text: string): PublicCertificate | undefined {
    try {
      return this.#read(text);
    } catch {
      return undefined;
    }
  }
}
