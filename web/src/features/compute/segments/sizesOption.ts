import type { EChartsCoreOption } from "echarts/core";
import type { Formats } from "@/lib/formats";
import { axisStyle, tooltipStyle } from "@/ui/chartStyle";
import type { usePalette } from "@/ui/theme";

interface SizesInput {
  sizes: readonly { at: string; people: number }[];
  label: string;
  formats: Formats;
  palette: ReturnType<typeof usePalette>;
}

/** The line of a segment's size: a step wherever it was counted anew. */
export function sizesOption({ sizes, label, formats, palette }: SizesInput): EChartsCoreOption {
  const axis = axisStyle(palette);
  return {
    animationDuration: 300,
    grid: { left: 4, right: 16, top: 12, bottom: 4, outerBoundsMode: "same" },
    textStyle: { fontFamily: "inherit" },
    tooltip: {
      ...tooltipStyle(palette),
      trigger: "axis",
      formatter: (points: readonly { dataIndex: number }[]) => {
        const size = sizes[points[0]?.dataIndex ?? -1];
        return size ? `${formats.instant(size.at)}<br><b>${formats.count(size.people)}</b> ${label}` : "";
      },
    },
    xAxis: {
      ...axis.category,
      type: "category",
      boundaryGap: false,
      data: sizes.map(({ at }) => at),
      axisLabel: { ...axis.category.axisLabel, formatter: (at: string) => formats.shortDay(at) },
    },
    yAxis: {
      ...axis.value,
      type: "value",
      minInterval: 1,
      splitNumber: 4,
      axisLabel: { ...axis.value.axisLabel, formatter: (value: number) => formats.compact(value) },
    },
    series: [
      {
        type: "line",
        name: label,
        data: sizes.map(({ people }) => people),
        showSymbol: sizes.length < 2,
        lineStyle: { color: palette.series[0], width: 2 },
        itemStyle: { color: palette.series[0] },
        areaStyle: { color: palette.series[0], opacity: 0.08 },
      },
    ],
  };
}
