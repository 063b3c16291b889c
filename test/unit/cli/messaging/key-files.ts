// Certificates and other files in a folder of the test.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CurveKeyPair } from "../../../../src/index.ts";
import { curveKeyPair, writeCertificate } from "../../../../src/index.ts";

export class KeyFiles {
  readonly folder: string;

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), "zeromq-ts-keys-"));
    t.after(() => rmSync(this.folder, { recursive: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A pair of keys in `name` and `name_secret`. */
  async pair(name: string): Promise<CurveKeyPair> {
    const pair = curveKeyPair();
    await writeCertificate(this.path(name), pair);
    return pair;
  }

  /** A file that only its owner may read. */
  write(name: string, text: string, mode = 0o600): string {
    const path = this.path(name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }
}
