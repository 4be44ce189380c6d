import { describe, expect, test } from "vitest";
import { readPreferences } from "@/lib/preferences";

describe("What the browser remembers", () => {
  test("without anything stored, the browser's first language that we speak is taken", () => {
    expect(readPreferences(null, ["fr-FR", "zh-TW", "en-US"])).toEqual({
      language: "zh-CN",
      theme: "system",
      workspace: null,
      returnTo: null,
      hasSeenTour: false,
    });
    expect(readPreferences(null, ["fr-FR"]).language).toBe("en");
  });

  test("what was chosen wins over the browser", () => {
    const stored = JSON.stringify({ language: "en", theme: "dark", workspace: "shop" });
    expect(readPreferences(stored, ["zh-CN"])).toMatchObject({
      language: "en",
      theme: "dark",
      workspace: "shop",
    });
  });

  test("a damaged memory is as good as none", () => {
    for (const stored of ["{", "null", "[]", '{"language": "xx", "theme": 3, "workspace": {}}']) {
      expect(readPreferences(stored, ["en"])).toMatchObject({
        language: "en",
        theme: "system",
        workspace: null,
      });
    }
  });
});
