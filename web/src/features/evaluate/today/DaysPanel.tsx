import { Segmented } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Today } from "@/api/today";
import { daysOption } from "@/features/evaluate/today/daysOption";
import { lastWholeDay } from "@/features/evaluate/today/reading";
import { LazyChart } from "@/ui/LazyChart";
import { Panel } from "@/ui/Panel";
import { usePalette } from "@/ui/theme";
import { useFormats } from "@/ui/useFormats";

const MEASURES = ["events", "people"] as const;
export type Measure = (typeof MEASURES)[number];

/** Thirty days of events, or of people who did any. */
export function DaysPanel({ today }: { today: Today }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const palette = usePalette();
  const [measure, setMeasure] = useState<Measure>("events");
  const label = t(`today.perDay.${measure}`);
  const partial = t("today.partialDay");
  const lastWhole = lastWholeDay(today)?.day.day ?? "";
  const option = useMemo(
    () => daysOption({ days: today.days, lastWhole, measure, label, partial, formats, palette }),
    [today.days, lastWhole, measure, label, partial, formats, palette],
  );
  return (
    <Panel
      title={label}
      note={t("today.lastDays", { count: today.days.length })}
      actions={
        <Segmented
          size="small"
          aria-label={t("today.measure")}
          value={measure}
          onChange={setMeasure}
          options={MEASURES.map((each) => ({ value: each, label: t(`today.measureOf.${each}`) }))}
        />
      }
    >
      <LazyChart option={option} height={264} label={t("today.perDaySpoken", { label })} />
    </Panel>
  );
}
