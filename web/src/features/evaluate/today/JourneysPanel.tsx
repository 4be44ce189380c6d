import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { sessionQuery } from "@/api/session";
import type { Today } from "@/api/today";
import { useWorkspace } from "@/api/workspace";
import { EmptyState } from "@/ui/EmptyState";
import { JourneyRows } from "@/ui/JourneyRows";
import { Panel } from "@/ui/Panel";

/** Journeys that run and what they cause. */
export function JourneysPanel({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const { name } = useWorkspace();
  const shown = today.journeys.filter(({ state }) => state !== "ended");
  const rehearsal = session?.workspaces.find((each) => each.is_rehearsal && each.name !== name);
  return (
    <Panel title={t("today.journeys")} note={shown.length > 0 && t("today.journeysNote")}>
      {shown.length > 0 ? (
        <JourneyRows journeys={shown} />
      ) : (
        <EmptyState
          title={t("today.noJourneysTitle")}
          command="perennial journey publish FILE"
          action={
            rehearsal && (
              <Link to={`/w/${rehearsal.name}/today`}>
                {t("today.seeRehearsal", { name: rehearsal.name })}
              </Link>
            )
          }
        >
          {t("today.noJourneysText")}
        </EmptyState>
      )}
    </Panel>
  );
}
