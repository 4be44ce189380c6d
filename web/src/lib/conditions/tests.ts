import type { Json, JsonObject } from "@/lib/json";

/** How a value may be compared; `unset` is written `set: false`. */
export const OPERATORS = [
  "=",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
  "between",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "matches",
  "set",
  "unset",
  "before",
  "after",
  "in_last",
  "in_next",
  "any_of",
  "all_of",
] as const;

export type Operator = (typeof OPERATORS)[number];

/** What is compared: a number of ours, a change, somebody's value, an arm's name, or a consent. */
export type TestKind = "number" | "change" | "value" | "word" | "consent";

const COMPARISONS: readonly Operator[] = [">=", "<=", ">", "<", "=", "!="];
const WORDS: readonly Operator[] = ["=", "!=", "in", "not_in", "set", "unset"];

export const OPERATORS_OF: Record<TestKind, readonly Operator[]> = {
  number: [...COMPARISONS, "between"],
  change: [...COMPARISONS, "between"],
  value: OPERATORS,
  word: WORDS,
  consent: WORDS,
};

export interface Test {
  operator: Operator;
  value: Json;
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const COMPARED = /^\s*(!=|>=|<=|=|>|<)\s*(.+?)\s*$/;
const DURATION = /^[1-9]\d{0,8}[smhdw]$/;

/** What a text of an operator and an amount says (`">= 100"`, `"<= -30%"`); null where it is just a text. */
export function readComparison(text: string, kind: TestKind): Test | null {
  const [, operator, amount] = COMPARED.exec(text) ?? [];
  if (!operator || !amount) return null;
  const known = operator as Operator;
  if (NUMBER.test(amount)) return { operator: known, value: Number(amount) };
  const bare = amount.replace(/\s*%$/, "");
  if (kind === "change" && amount.endsWith("%") && NUMBER.test(bare))
    return { operator: known, value: `${bare}%` };
  return kind === "number" && DURATION.test(amount) ? { operator: known, value: amount } : null;
}

/** What a value of `is` or `times` asks. */
export function readIs(is: Json | undefined, kind: TestKind): Test {
  const found = typeof is === "string" ? readComparison(is, kind) : null;
  return found ?? { operator: "=", value: is ?? null };
}

/** The one test that an object has; null where it has none. */
export function readTest(object: JsonObject, kind: TestKind): Test | null {
  if ("is" in object) return readIs(object.is, kind);
  if ("set" in object) return { operator: object.set === false ? "unset" : "set", value: null };
  const operator = OPERATORS.find((each) => each in object);
  return operator ? { operator, value: object[operator] ?? null } : null;
}

/** A comparison as a text, or the bare number where it is equality. */
export function writeIs({ operator, value }: Test): Json {
  if (operator === "=" && (typeof value === "number" || typeof value === "boolean")) return value;
  return `${operator} ${String(value)}`;
}

/** The object with this test and no other. */
export function writeTest(object: JsonObject, test: Test, kind: TestKind): JsonObject {
  const kept = Object.entries(object).filter(
    ([key]) => key !== "is" && !OPERATORS.some((each) => each === key),
  );
  const isTextual = typeof test.value === "string" || Array.isArray(test.value);
  const rest = kept.filter(([key]) => key !== "ignore_case" || isTextual);
  return { ...Object.fromEntries(rest), ...written(test, kind) };
}

function written(test: Test, kind: TestKind): JsonObject {
  const { operator, value } = test;
  if (operator === "set" || operator === "unset") return { set: operator === "set" };
  if (!COMPARISONS.includes(operator)) return { [operator]: value };
  if (kind === "number" || kind === "change") return { is: writeIs(test) };
  if (operator === "=") {
    const isMisread = typeof value === "string" && readComparison(value, "value") !== null;
    return isMisread ? { "=": value } : { is: value };
  }
  return typeof value === "number" && operator !== "!=" ? { is: writeIs(test) } : { [operator]: value };
}

export type ValueType = "text" | "number" | "boolean";

/** Of what type the values of a test are. */
export function typeOf(value: Json): ValueType {
  const one = Array.isArray(value) ? value[0] : value;
  if (typeof one === "number") return "number";
  return typeof one === "boolean" ? "boolean" : "text";
}

/** A text as a value of a type; a number that it is not stays a text, for the operator to see. */
export function valueAs(type: ValueType, text: string): Json {
  if (type === "number") return NUMBER.test(text) ? Number(text) : text;
  return type === "boolean" ? text === "true" : text;
}

type Shape = "none" | "pair" | "list" | "span" | "number" | "one";

const SHAPES: Partial<Record<Operator, Shape>> = {
  set: "none",
  unset: "none",
  between: "pair",
  in: "list",
  not_in: "list",
  any_of: "list",
  all_of: "list",
  in_last: "span",
  in_next: "span",
  ">": "number",
  ">=": "number",
  "<": "number",
  "<=": "number",
};

/** What a value becomes when another operator is chosen: as much of it as still makes sense. */
export function valueFor(operator: Operator, before: Json, kind: TestKind): Json {
  const one = Array.isArray(before) ? (before[0] ?? "") : before;
  switch (SHAPES[operator] ?? "one") {
    case "none":
      return null;
    case "pair":
      return pairOf(before, kind);
    case "list":
      return listOf(before);
    case "span":
      return typeof one === "string" && DURATION.test(one) ? one : "30d";
    case "number":
      return kind === "value" ? numberOf(one, kind) : (one ?? 0);
    case "one":
      return one ?? "";
  }
}

function pairOf(before: Json, kind: TestKind): Json {
  if (Array.isArray(before) && before.length === 2) return before;
  const bound = numberOf(Array.isArray(before) ? (before[0] ?? 0) : before, kind);
  return [bound, bound];
}

function listOf(before: Json): Json {
  if (Array.isArray(before)) return before;
  return before === null || before === "" ? [] : [before];
}

function numberOf(value: Json, kind: TestKind): Json {
  if (typeof value === "number") return value;
  if (typeof value === "string" && NUMBER.test(value)) return Number(value);
  return kind === "number" && typeof value === "string" && DURATION.test(value) ? value : 0;
}
