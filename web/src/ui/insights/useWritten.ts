import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Value } from "@/ui/insights/table";
import { useFormats } from "@/ui/useFormats";

const UNITS = [
  { unit: "d", size: 86_400, from: 2 * 86_400 },
  { unit: "h", size: 3_600, from: 3_600 },
  { unit: "m", size: 60, from: 60 },
  { unit: "s", size: 1, from: 0 },
] as const;

/** Values as they are read: counts, shares, times. */
export function useWritten(): (value: Value) => string {
  const { t } = useTranslation();
  const { count, share } = useFormats();
  return useCallback(
    ({ value, form }: Value) => {
      if (typeof value !== "number") return value ?? "–";
      if (form === "share") return share(value);
      if (form !== "seconds") return count(Math.round(value * 100) / 100);
      const { unit, size } = UNITS.find(({ from }) => value >= from) ?? UNITS[3];
      return t(`insights.units.${unit}`, { value: count(Math.round((value / size) * 10) / 10) });
    },
    [count, share, t],
  );
}
