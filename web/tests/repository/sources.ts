import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "src");

export interface Source {
  /** From `src/` on, with forward slashes. */
  path: string;
  text: string;
}

/** Every TypeScript source of the console. */
export function sources(): Source[] {
  return readdirSync(ROOT, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
    .map((path) => ({
      path: relative(ROOT, join(ROOT, path)).replaceAll("\\", "/"),
      text: readFileSync(join(ROOT, path), "utf8"),
    }));
}
