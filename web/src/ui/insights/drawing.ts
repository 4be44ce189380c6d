import type { EChartsCoreOption } from "echarts/core";
import type { Formats } from "@/lib/formats";
import { axisStyle, tooltipStyle } from "@/ui/chartStyle";
import type { Table } from "@/ui/insights/table";
import type { usePalette } from "@/ui/theme";

interface DrawingInput {
  kind: string;
  table: Table;
  names: readonly string[];
  formats: Formats;
  palette: ReturnType<typeof usePalette>;
}

interface Line {
  name: string;
  values: (number | null)[];
  /** Points of intervals that have not ended. */
  incomplete: boolean[];
}

const MOST_LINES = 8;

/** What of a result is drawn: lines of trends, stacks of lifecycles, bars of the others; null where a table says it. */
export function drawnOption(input: DrawingInput): EChartsCoreOption | null {
  const { kind, table, names } = input;
  const labels = table.rows.map(({ label }) => label);
  switch (kind) {
    case "trend":
      return charted(input, names, linesOfRows(table), "line");
    case "lifecycle":
      return charted(input, labels.map(short(input)), linesOfColumns(table, names), "stack");
    case "stickiness":
      return charted(input, labels, linesOfColumns(table, names), "bar");
    case "distribution":
      return charted(input, labels.map(short(input)), linesOfColumns(table, names), "stack");
    case "sessions":
      return charted(input, labels.map(short(input)), linesOfColumns(table, names).slice(0, 2), "line");
    case "value":
      return charted(input, labels.map(short(input)), linesOfColumns(table, names).slice(3, 4), "bar");
    default:
      return null;
  }
}

const short =
  ({ formats }: DrawingInput) =>
  (label: string): string =>
    /^\d{4}-\d{2}-\d{2}$/.test(label) ? formats.shortDay(label) : label;

const numeric = (value: number | string | null): number | null => (typeof value === "number" ? value : null);

function linesOfRows(table: Table): Line[] {
  return table.rows.slice(0, MOST_LINES).map((row) => ({
    name: row.part === null ? row.label : `${row.label} · ${row.part}`,
    values: row.values.map(({ value }) => numeric(value)),
    incomplete: row.values.map(({ isIncomplete }) => isIncomplete === true),
  }));
}

function linesOfColumns(table: Table, names: readonly string[]): Line[] {
  return names.slice(0, MOST_LINES).map((name, place) => ({
    name,
    values: table.rows.map(({ values }) => numeric(values[place]?.value ?? null)),
    incomplete: table.rows.map(({ values }) => values[place]?.isIncomplete === true),
  }));
}

function charted(
  { formats, palette }: DrawingInput,
  labels: readonly string[],
  lines: readonly Line[],
  shape: "line" | "bar" | "stack",
): EChartsCoreOption {
  const axis = axisStyle(palette);
  return {
    animationDuration: 300,
    color: [...palette.series],
    grid: { left: 4, right: 16, top: lines.length > 1 ? 40 : 12, bottom: 4, outerBoundsMode: "same" },
    legend: { show: lines.length > 1, top: 0, textStyle: { color: palette.text }, type: "scroll" },
    textStyle: { fontFamily: "inherit" },
    tooltip: {
      ...tooltipStyle(palette),
      trigger: "axis",
      valueFormatter: (value: unknown) => (typeof value === "number" ? formats.count(value) : "–"),
    },
    xAxis: { ...axis.category, type: "category", data: [...labels], boundaryGap: shape !== "line" },
    yAxis: {
      ...axis.value,
      type: "value",
      axisLabel: { ...axis.value.axisLabel, formatter: (value: number) => formats.compact(value) },
    },
    series: lines.map((line) => ({
      type: shape === "line" ? "line" : "bar",
      ...(shape === "stack" ? { stack: "all" } : {}),
      name: line.name,
      showSymbol: line.values.length < 40,
      // An interval that has not ended is drawn lighter: it is no drop.
      data: line.values.map((value, place) => ({
        value,
        itemStyle: { opacity: line.incomplete[place] ? 0.4 : 1 },
      })),
    })),
  };
}
