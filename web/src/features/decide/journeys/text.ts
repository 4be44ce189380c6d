import { Document, isCollection, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { JsonObject } from "@/features/decide/journeys/document";

export const NOTATIONS = ["yaml", "json"] as const;
export type Notation = (typeof NOTATIONS)[number];

const LONGEST_LINE = 96;

/** A journey's document as text; short parts stand on one line, as people write them. */
export function textIn(notation: Notation, document: JsonObject): string {
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

/** The lines (from 0, the last included) that a step of the chart takes up in the text. */
export function linesOf(text: string, step: string): [number, number] | null {
  const counter = new LineCounter();
  const nodes = parseDocument(text, { lineCounter: counter }).get("nodes");
  if (!isMap(nodes)) return null;
  const pair = nodes.items.find(({ key }) => isScalar(key) && key.value === step);
  if (!pair || !isScalar(pair.key) || !pair.key.range || !isCollection(pair.value) || !pair.value.range)
    return null;
  const first = counter.linePos(pair.key.range[0]).line - 1;
  const last = counter.linePos(Math.max(pair.key.range[0], pair.value.range[1] - 1)).line - 1;
  return [first, last];
}
