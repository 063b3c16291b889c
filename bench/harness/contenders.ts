/** Who takes part: which implementations this machine can run, and how a peer process of each is started. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { relative } from "node:path";
import { buildCPeer } from "./c-build.ts";
import { Child } from "./child.ts";
import { nodePeer, ourIndex, root } from "./places.ts";
import { portableIndex } from "./portable.ts";

export type Implementation = "ours" | "native" | "c";

export interface Field {
  /** Version by implementation that can run. */
  available: Map<Implementation, string>;
  /** Sentence by implementation that cannot. */
  missing: Map<Implementation, string>;
  cBinary: string;
}

export function surveyField(): Field {
  const field: Field = { available: new Map(), missing: new Map(), cBinary: "" };
  if (existsSync(ourIndex)) field.available.set("ours", relative(root, ourIndex));
  else field.missing.set("ours", `${relative(root, ourIndex)} is missing; run npm run compile`);
  try {
    const native = createRequire(import.meta.url)("zeromq") as { version: string };
    const version = (createRequire(import.meta.url)("zeromq/package.json") as { version: string }).version;
    field.available.set("native", `zeromq ${version}, libzmq ${native.version}`);
  } catch (error) {
    field.missing.set("native", `the npm package zeromq does not load: ${(error as Error).message}`);
  }
  const c = buildCPeer();
  if (typeof c === "string") {
    field.missing.set("c", c);
  } else {
    field.available.set("c", `libzmq ${c.version}`);
    field.cBinary = c.binary;
  }
  return field;
}

export type RoleOptions = Record<string, string | number | boolean>;

/** The processes of one measurement; all end with it, however it ends. */
export class Crew {
  #field: Field;
  #children: Child[];
  /** One that fails takes the others along: they would wait for it in vain. */
  #abandon: (error: Error) => void;

  constructor(field: Field) {
    this.#field = field;
    this.#children = [];
    this.#abandon = (error) => {
      for (const child of this.#children) child.fail(error);
    };
  }

  /** `gc` and `portable` (no `sodium-native` for CURVE) are how the process is started. */
  start(implementation: Implementation, role: string, options: RoleOptions = {}): Child {
    const { gc, portable, ...rest } = options;
    const env = portable === true ? { BENCH_OURS: portableIndex() } : {};
    const args = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
    const label = `${implementation} ${role}`;
    const child =
      implementation === "c"
        ? new Child(label, this.#field.cBinary, [role, ...args], this.#abandon)
        : new Child(
            label,
            process.execPath,
            [...(gc === true ? ["--expose-gc"] : []), nodePeer, implementation, role, ...args],
            this.#abandon,
            env,
          );
    this.#children.push(child);
    return child;
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end()));
  }
}

export async function withCrew<T>(field: Field, work: (crew: Crew) => Promise<T>): Promise<T> {
  const crew = new Crew(field);
  try {
    return await work(crew);
  } finally {
    await crew.dismiss();
  }
}
