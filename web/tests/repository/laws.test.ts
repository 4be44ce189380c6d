import { describe, expect, test } from "vitest";
import { type Source, sources } from "./sources";

/** What each layer may import, besides itself and libraries. */
const ALLOWED: Record<string, readonly string[]> = {
  lib: ["locales"],
  api: ["lib"],
  ui: ["api", "lib"],
  features: ["ui", "api", "lib"],
  app: ["features", "ui", "api", "lib"],
};

const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

const importsOf = ({ text }: Source): string[] => [...text.matchAll(IMPORT)].map((found) => found[1] ?? "");

const layerOf = (path: string): string => path.split("/")[0] ?? "";

/** `features/decide/journeys/…` belongs to the feature `decide/journeys`. */
const featureOf = (path: string): string => path.split("/").slice(1, 3).join("/");

function breaches(source: Source): string[] {
  const layer = layerOf(source.path);
  const allowed = ALLOWED[layer];
  if (!allowed) return [];
  return importsOf(source)
    .filter((name) => name.startsWith("@/"))
    .map((name) => name.slice(2))
    .filter((target) => {
      if (layerOf(target) !== layer) return !allowed.includes(layerOf(target));
      return layer === "features" && featureOf(target) !== featureOf(source.path);
    })
    .map((target) => `${source.path} → ${target}`);
}

describe("The console's import laws", () => {
  test("a layer imports only the layers below it, and a feature never another feature", () => {
    expect(sources().flatMap(breaches)).toEqual([]);
  });

  test("sources are imported by their full path, so that the laws can be read off it", () => {
    const relative = sources().flatMap((source) =>
      importsOf(source)
        .filter((name) => name.startsWith("."))
        .map((name) => `${source.path} → ${name}`),
    );
    expect(relative).toEqual([]);
  });

  test("the laws would notice a feature that imports another", () => {
    const text = 'import { TodayPage } from "@/features/evaluate/today";';
    expect(breaches({ path: "features/decide/journeys/JourneyPage.tsx", text })).toHaveLength(1);
  });

  test("only the chart's own module imports ECharts, and only its parts", () => {
    const importers = sources().filter((source) =>
      importsOf(source).some(
        (name) => name === "echarts" || /^echarts\/(charts|components|renderers)$/.test(name),
      ),
    );
    expect(importers.map(({ path }) => path)).toEqual(["ui/Chart.tsx"]);
  });
});
