import type { Cell, InsightResult } from "@/api/insights";

/** How a value is written. */
export type Form = "count" | "share" | "seconds" | "text" | "number";

export interface Value {
  value: number | string | null;
  form: Form;
  /** Opens the people behind it. */
  cell?: Cell | undefined;
  isIncomplete?: boolean;
  /** Of so few people that the number says little. */
  isFew?: boolean;
  low?: number;
  high?: number;
}

export interface Row {
  key: string;
  label: string;
  part: string | null;
  values: Value[];
}

/** Any result as rows and columns: what is read out, opened, drawn and saved as CSV. */
export interface Table {
  columns: string[];
  rows: Row[];
  hasParts: boolean;
}

type Found = Record<string, unknown>;

const list = (value: unknown): Found[] => (Array.isArray(value) ? (value as Found[]) : []);
const cellOf = (value: unknown): Cell | undefined =>
  typeof value === "object" && value !== null ? (value as Cell) : undefined;
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
const partOf = (found: Found): string | null =>
  typeof found.breakdown === "string" ? found.breakdown : null;

/** The table of a result; the columns' names are keys of the locale files, or labels as they are. */
export function tableOf(result: InsightResult): Table {
  const rows = rowsOf(result);
  return { columns: columnsOf(result), rows, hasParts: rows.some(({ part }) => part !== null) };
}

function rowsOf(result: InsightResult): Row[] {
  switch (result.kind) {
    case "trend":
      return list(result.series).map((line) => ({
        key: `${String(line.series)} ${partOf(line) ?? ""}`,
        label: String(line.name),
        part: partOf(line),
        values: list(line.points).map((point) => ({
          value: numberOf(point.value),
          form: "number" as const,
          cell: cellOf(point.cell),
          isIncomplete: point.incomplete === true,
        })),
      }));
    case "funnel":
      return list(result.steps).map((step) => ({
        key: `${String(step.step)} ${partOf(step) ?? ""}`,
        label: String(step.name),
        part: partOf(step),
        values: [
          { ...people(step), isFew: step.few === true },
          share(step.rate, step.interval95),
          share(step.rate_from_previous),
          seconds(step.median_seconds),
          seconds(step.p90_seconds),
        ],
      }));
    case "retention":
      return sinceBegun(list(result.cohorts)).map((cohort) => ({
        key: `${String(cohort.at)} ${partOf(cohort) ?? ""}`,
        label: String(cohort.at),
        part: partOf(cohort),
        values: [
          { ...count(cohort.size, list(cohort.cells)[0]?.cell), isIncomplete: cohort.incomplete === true },
          ...list(cohort.cells)
            .slice(1)
            .map((cell) => ({
              ...share(cell.rate, cell.interval95),
              cell: cellOf(cell.cell),
              isIncomplete: cell.incomplete === true,
              isFew: cell.few === true,
            })),
        ],
      }));
    case "lifecycle":
      return list(result.intervals).map((one) => {
        const cells = (one.cells ?? {}) as Record<string, Cell>;
        return {
          key: `${String(one.at)} ${partOf(one) ?? ""}`,
          label: String(one.at),
          part: partOf(one),
          values: STATUSES.map((status) => ({
            value: numberOf(one[status]),
            form: "count" as const,
            cell: cells[status],
            isIncomplete: one.incomplete === true,
          })),
        };
      });
    case "stickiness":
      return list(result.buckets).map((one) => simple(one, String(one.intervals), [people(one)]));
    case "distribution":
      return list(result.intervals).map((one) => simple(one, String(one.at), list(one.buckets).map(people)));
    case "interval":
      return list(result.histogram).map((one, place) =>
        simple(one, String(place), [
          seconds(one.from_seconds),
          seconds(one.to_seconds),
          people(one),
          count(one.times),
        ]),
      );
    case "paths":
      return list(result.edges).map((edge) =>
        simple(edge, `${String(edge.from)} → ${String(edge.to)}`, [
          people(edge),
          count(edge.times),
          share(edge.share),
        ]),
      );
    case "sessions":
      return list(result.intervals).map((one) =>
        simple(one, String(one.at), [
          count(one.sessions, one.cell),
          count(one.people),
          plain(one.depth),
          seconds(one.seconds),
          share(one.bounce),
        ]),
      );
    case "value":
      return list(result.intervals).map((one) =>
        simple(one, String(one.at), [
          count(one.new),
          count(one.active),
          count(one.payers, one.cell),
          plain(one.revenue),
          plain(one.arpu),
          plain(one.arppu),
        ]),
      );
    default:
      return otherRows(result);
  }
}

/** Kinds without a form: their main list, field by field. */
function otherRows(result: InsightResult): Row[] {
  const key = OTHER_LISTS.find((name) => Array.isArray(result[name]));
  return list(key && result[key]).map((one, place) =>
    simple(
      one,
      String(
        one.name ??
          one.group ??
          one.factor ??
          one.a ??
          (one.in as string[] | undefined)?.join(" + ") ??
          place,
      ),
      fieldsOf(one).map((name) => {
        const isPeople = name === "people";
        const value = one[name];
        if (typeof value === "number") {
          return { value, form: "number" as const, cell: isPeople ? cellOf(one.cell) : undefined };
        }
        return { value: value === null || value === undefined ? null : String(value), form: "text" as const };
      }),
    ),
  );
}

const OTHER_LISTS = ["touches", "groups", "parts", "stages", "pairs", "factors", "cells"];
const HIDDEN = ["cell", "left_cell", "name", "group", "factor", "a", "in", "not_in", "name_zh"];
const fieldsOf = (one: Found): string[] => Object.keys(one).filter((name) => !HIDDEN.includes(name));

/** Cohorts from the first one that anybody is in. */
const sinceBegun = (cohorts: Found[]): Found[] => {
  const first = cohorts.findIndex(({ size }) => size !== 0);
  return first < 0 ? cohorts : cohorts.slice(first);
};

const STATUSES = ["new", "returning", "resurrecting", "dormant"];

function columnsOf(result: InsightResult): string[] {
  switch (result.kind) {
    case "trend":
      return list(list(result.series)[0]?.points).map((point) => String(point.at));
    case "funnel":
      return ["people", "rate", "fromPrevious", "median", "p90"];
    case "retention":
      return [
        "people",
        ...list(sinceBegun(list(result.cohorts))[0]?.cells)
          .slice(1)
          .map((_, k) => String(k + 1)),
      ];
    case "lifecycle":
      return STATUSES;
    case "stickiness":
      return ["people"];
    case "distribution":
      return list(list(result.intervals)[0]?.buckets).map((one) =>
        one.to === null ? `≥ ${String(one.from)}` : `${String(one.from)} – ${String(one.to)}`,
      );
    case "interval":
      return ["from", "to", "people", "times"];
    case "paths":
      return ["people", "times", "share"];
    case "sessions":
      return ["sessions", "people", "depth", "seconds", "bounce"];
    case "value":
      return ["new", "active", "payers", "revenue", "arpu", "arppu"];
    default: {
      const key = OTHER_LISTS.find((name) => Array.isArray(result[name]));
      return fieldsOf(list(key && result[key])[0] ?? {});
    }
  }
}

const simple = (found: Found, label: string, values: Value[]): Row => ({
  key: `${label} ${partOf(found) ?? ""}`,
  label,
  part: partOf(found),
  values: values.map((value) => ({ ...value, isIncomplete: found.incomplete === true })),
});
const people = (found: Found): Value => count(found.people, found.cell);
const count = (value: unknown, cell?: unknown): Value => ({
  value: numberOf(value),
  form: "count",
  cell: cellOf(cell),
});
const plain = (value: unknown): Value => ({ value: numberOf(value), form: "number" });
const seconds = (value: unknown): Value => ({ value: numberOf(value), form: "seconds" });
function share(value: unknown, interval?: unknown): Value {
  const found: Value = { value: numberOf(value), form: "share" };
  if (Array.isArray(interval)) {
    found.low = Number(interval[0]);
    found.high = Number(interval[1]);
  }
  return found;
}

/** A table as CSV (RFC 4180): a text that a spreadsheet could take for a formula is kept from being one. */
export function csvOf(table: Table, columns: readonly string[]): string {
  const head = ["", ...(table.hasParts ? ["breakdown"] : []), ...columns];
  const rows = table.rows.map(({ label, part, values }) => [
    label,
    ...(table.hasParts ? [part ?? ""] : []),
    ...values.map(({ value }) => value ?? ""),
  ]);
  return [head, ...rows].map((row) => row.map(field).join(",")).join("\r\n");
}

function field(value: number | string): string {
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
