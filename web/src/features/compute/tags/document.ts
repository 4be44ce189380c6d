import type { Tag } from "@/api/tags";
import { isObject, type Json, type JsonObject } from "@/lib/json";

/** The document that a tag was saved from. */
export const documentOf = (tag: Tag): JsonObject => tag.definition as JsonObject;

/** What a new tag begins with. */
export const BEGINNING: JsonObject = { id: "", name: "", values: [], else: "other" };

/** The named values of a tag; null where its rule is of another kind, which is written as text. */
export function valuesOf(document: JsonObject): readonly JsonObject[] | null {
  const { values } = document;
  return Array.isArray(values) && values.every(isObject) ? (values as readonly JsonObject[]) : null;
}

/** The keys of a value that hold a condition, in their order. */
export const rulesOf = (value: JsonObject): ("if" | "enter" | "exit")[] =>
  (["if", "enter", "exit"] as const).filter((key) => key in value);

export const textOf = (document: JsonObject, key: string): string => {
  const value: Json | undefined = document[key];
  return typeof value === "string" ? value : "";
};
