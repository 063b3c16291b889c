import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** A file of the page, as it is served. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Every file of the folder that a page may consist of, by its path: what is not in the map is not served. */
export function loadAssets(folder: string): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const body = readFileSync(join(folder, name));
    assets.set(name === "index.html" ? "/" : `/${name}`, { type, body });
  }
  if (!assets.has("/")) throw new Error(`The page is not in ${folder}: the package is not complete.`);
  return assets;
}
