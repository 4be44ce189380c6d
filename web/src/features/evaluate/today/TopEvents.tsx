import { useTranslation } from "react-i18next";
import type { Today } from "@/api/today";
import { BarList } from "@/ui/BarList";
import { Panel } from "@/ui/Panel";

const MOST = 8;

export function TopEvents({ today }: { today: Today }) {
  const { t } = useTranslation();
  const entries = today.counts_by_event
    .slice(0, MOST)
    .map(({ name, events }) => ({ id: name, label: name, value: events, isCode: true }));
  return (
    <Panel title={t("today.topEvents")} note={t("today.allTime")}>
      <BarList entries={entries} label={t("today.topEvents")} />
    </Panel>
  );
}
