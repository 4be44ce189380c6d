import { Document, isCollection, isMap, parseDocument } from "yaml";
import type { Json } from "@/lib/json";

export const NOTATIONS = ["yaml", "json"] as const;
export type Notation = (typeof NOTATIONS)[number];

const LONGEST_LINE = 96;

/** A document as text; short parts stand on one line, as people write them. */
export function writeText(notation: Notation, document: Json): string {
  if (notation === "json") return `${JSON.stringify(document, null, 2)}\n`;
  const yaml = new Document(document);
  if (isMap(yaml.contents)) for (const { value } of yaml.contents.items) flatten(value);
  return yaml.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function flatten(value: unknown): void {
  if (!isCollection(value)) return;
  if (JSON.stringify(value).length <= LONGEST_LINE) {
    value.flow = true;
    return;
  }
  for (const item of value.items) flatten(isCollection(item) ? item : inPair(item));
}

const inPair = (item: unknown): unknown =>
  typeof item === "object" && item !== null && "value" in item ? item.value : null;

export type ReadText =
  | { ok: true; document: Json }
  /** What the notation's own reader says, and the line (from 1) where it stopped. */
  | { ok: false; message: string; line: number | null };

/** What a text says; JSON is YAML too, so one reader does for both. */
export function readText(text: string): ReadText {
  const parsed = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [error] = parsed.errors;
  if (error) {
    return { ok: false, message: error.message.split("\n")[0] ?? "", line: error.linePos?.[0]?.line ?? null };
  }
  return { ok: true, document: parsed.toJS() as Json };
}
