import { describe, expect, test } from "vitest";
import { SNIPPETS, snippet } from "@/features/collect/sources/snippets";

describe("Code to copy", () => {
  test("every snippet names this server and this key", () => {
    for (const kind of SNIPPETS) {
      const code = snippet(kind, "https://crm.example.com", "wk_1");
      expect(code, kind).toContain("crm.example.com");
      expect(code, kind).toContain("wk_1");
    }
  });

  test("a client that assumes TLS is told where there is none", () => {
    expect(snippet("segment", "http://127.0.0.1:8420", "wk_1")).toContain('protocol: "http"');
    expect(snippet("segment", "https://crm.example.com", "wk_1")).not.toContain("protocol");
  });
});
