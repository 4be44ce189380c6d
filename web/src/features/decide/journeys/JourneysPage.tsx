import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { todayQuery } from "@/api/today";
import { useWorkspace } from "@/api/workspace";
import { EmptyState } from "@/ui/EmptyState";
import { JourneyRows } from "@/ui/JourneyRows";
import { Loading } from "@/ui/Loading";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** Every journey of the workspace with its effect. */
export function JourneysPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(todayQuery(useWorkspace().name));
  return (
    <Page title={t("journeys.title")} below={t("journeys.lead")}>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading height={200} />}
      {data && (
        <Panel title={t("journeys.list")} note={t("today.journeysNote")}>
          {data.journeys.length > 0 ? (
            <JourneyRows journeys={data.journeys} />
          ) : (
            <EmptyState title={t("journeys.emptyTitle")} command="perennial journey publish FILE">
              {t("journeys.emptyText")}
            </EmptyState>
          )}
        </Panel>
      )}
    </Page>
  );
}
