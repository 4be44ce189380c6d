import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { segmentsQuery } from "@/api/segments";
import type { Today } from "@/api/today";
import { useWorkspace } from "@/api/workspace";
import { usePreferences } from "@/lib/preferences";
import { BarList } from "@/ui/BarList";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Panel";

/** Segments and how many people are in each; the condition in words when one rests on the name. */
export function SegmentsPanel({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { data } = useQuery(segmentsQuery(useWorkspace().name));
  const sentences = new Map(data?.segments.map(({ id, sentence }) => [id, sentence?.[language]]));
  const entries = today.segments
    .map(({ id, name, people }) => ({
      id,
      label: name || id,
      value: people,
      explanation: sentences.get(id),
    }))
    .sort((one, other) => (other.value ?? -1) - (one.value ?? -1));
  return (
    <Panel title={t("today.segments")} note={t("today.segmentsNote", { count: today.tags })}>
      {entries.length > 0 ? (
        <BarList entries={entries} label={t("today.segments")} />
      ) : (
        <EmptyState title={t("today.noSegmentsTitle")} command="perennial segment create FILE">
          {t("today.noSegmentsText")}
        </EmptyState>
      )}
    </Panel>
  );
}
