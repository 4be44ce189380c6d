import type { Palette } from "@/ui/tokens";

/** Axes that stay in the background. */
export function axisStyle(palette: Palette) {
  const axisLabel = { color: palette.textFaint, fontSize: 12, hideOverlap: true };
  return {
    category: {
      axisLabel,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.lineStrong } },
    },
    value: { axisLabel, splitLine: { lineStyle: { color: palette.line } } },
  };
}

export function tooltipStyle(palette: Palette) {
  return {
    backgroundColor: palette.surface,
    borderColor: palette.line,
    padding: [8, 12],
    textStyle: { color: palette.text, fontSize: 13 },
    confine: true,
  };
}
