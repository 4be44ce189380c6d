import ts from "typescript";
import { describe, expect, test } from "vitest";
import en from "@/locales/en.json";
import zh from "@/locales/zh-CN.json";
import { type Source, sources } from "./sources";

interface Texts {
  [key: string]: string | Texts;
}

const PLURAL = /_(zero|one|other)$/;

function flat(texts: Texts, above = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === "string") found.set(above + key, value);
    else for (const [path, text] of flat(value, `${above}${key}.`)) found.set(path, text);
  }
  return found;
}

const holesOf = (text: string): string[] => [...new Set(text.match(/\{\{\s*\w+/g) ?? [])].sort();

/** Attributes whose text people read or hear. */
const READ = new Set([
  "title",
  "label",
  "placeholder",
  "alt",
  "aria-label",
  "description",
  "note",
  "heading",
]);
const WORD = /\p{L}{2,}/u;

/** What a node of the code says to people; empty where it says nothing. */
function said(node: ts.Node): string {
  if (ts.isJsxText(node)) return node.text.trim();
  if (ts.isJsxExpression(node)) {
    const isChild = node.expression && ts.isJsxElement(node.parent);
    return isChild && ts.isStringLiteralLike(node.expression) ? node.expression.text : "";
  }
  if (!ts.isJsxAttribute(node) || !READ.has(node.name.getText())) return "";
  return node.initializer && ts.isStringLiteral(node.initializer) ? node.initializer.text : "";
}

/** Words that stand in the code of a component instead of in the locale files. */
function strayTexts({ path, text }: Source): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (WORD.test(said(node))) found.push(`${path}: ${said(node)}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

describe("Texts", () => {
  const english = flat(en);
  const chinese = flat(zh);
  const unplural = (texts: Map<string, string>) => [
    ...new Set([...texts.keys()].map((key) => key.replace(PLURAL, ""))),
  ];

  test("both languages have the same keys, each with the plural forms of its language", () => {
    expect(unplural(chinese).sort()).toEqual(unplural(english).sort());
    expect([...chinese.keys()].filter((key) => key.endsWith("_one"))).toEqual([]);
    const singles = [...english.keys()].filter((key) => key.endsWith("_one"));
    for (const key of singles) expect(english.has(key.replace(PLURAL, "_other")), key).toBe(true);
  });

  test("a text has the same holes in both languages", () => {
    for (const [key, text] of chinese) expect(holesOf(text), key).toEqual(holesOf(english.get(key) ?? ""));
  });

  test("no text is empty", () => {
    for (const [key, text] of [...english, ...chinese]) expect(text.trim(), key).not.toBe("");
  });

  test("no component says anything that is not in the locale files", () => {
    expect(sources().flatMap(strayTexts)).toEqual([]);
  });

  test("the scan would notice a text in a component", () => {
    const text = 'export const A = () => <p title="Tell me">Hello {"there"}</p>;';
    expect(strayTexts({ path: "ui/A.tsx", text })).toHaveLength(3);
  });

  test("every text is asked for somewhere", () => {
    const code = sources()
      .map(({ text }) => text)
      .join("\n");
    const isAsked = (key: string): boolean => {
      const parts = key.replace(PLURAL, "").split(".");
      // Asked for by its whole name, or with a last part that is only known at run time.
      return [parts.length, parts.length - 1, parts.length - 2]
        .filter((length) => length > 0)
        .some((length) => {
          const head = parts.slice(0, length).join(".");
          return code.includes(`"${head}"`) || code.includes(`\`${head}.$`);
        });
    };
    expect([...english.keys()].filter((key) => !isAsked(key))).toEqual([]);
  });
});
