import type { EChartsCoreOption } from "echarts/core";
import type { DayCounts } from "@/api/today";
import type { Formats } from "@/lib/formats";
import { axisStyle, tooltipStyle } from "@/ui/chartStyle";
import type { usePalette } from "@/ui/theme";

interface DaysInput {
  days: readonly DayCounts[];
  measure: "events" | "people";
  /** The last day that is whole; later ones are drawn lighter. */
  lastWhole: string;
  label: string;
  /** What is said of a day that is not whole. */
  partial: string;
  formats: Formats;
  palette: ReturnType<typeof usePalette>;
}

/** The chart of days: one bar each, a quiet scale, the day in full on touch. */
export function daysOption(input: DaysInput): EChartsCoreOption {
  const { days, lastWhole, measure, label, partial, formats, palette } = input;
  const axis = axisStyle(palette);
  return {
    animationDuration: 300,
    grid: { left: 4, right: 16, top: 12, bottom: 4, outerBoundsMode: "same" },
    textStyle: { fontFamily: "inherit" },
    tooltip: {
      ...tooltipStyle(palette),
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: palette.accent, opacity: 0.08 } },
      formatter: (points: readonly { dataIndex: number }[]) => {
        const day = days[points[0]?.dataIndex ?? -1];
        if (!day) return "";
        const note = day.day > lastWhole ? `<br>${partial}` : "";
        return `${formats.day(day.day)}<br><b>${formats.count(day[measure])}</b> ${label}${note}`;
      },
    },
    xAxis: {
      ...axis.category,
      type: "category",
      data: days.map(({ day }) => day),
      axisLabel: { ...axis.category.axisLabel, formatter: (day: string) => formats.shortDay(day) },
    },
    yAxis: {
      ...axis.value,
      type: "value",
      splitNumber: 4,
      axisLabel: { ...axis.value.axisLabel, formatter: (value: number) => formats.compact(value) },
    },
    series: [
      {
        type: "bar",
        name: label,
        data: days.map((day) => ({
          value: day[measure],
          itemStyle: { opacity: day.day > lastWhole ? 0.4 : 1 },
        })),
        barCategoryGap: "28%",
        itemStyle: { color: palette.series[0], borderRadius: [3, 3, 0, 0] },
      },
    ],
  };
}
