import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { journeysQuery } from "@/api/journeys";
import { type PersonEvent, personEventsQuery } from "@/api/people";
import { useWorkspace } from "@/api/workspace";
import { type Run, runsOf } from "@/features/compute/people/history";
import styles from "@/features/compute/people/People.module.css";
import { brief } from "@/lib/json";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";

/** Every run through a journey, step by step, as it was recorded. */
export function JourneysPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useInfiniteQuery(personEventsQuery(name, id, { kind: "perennial" }));
  return (
    <Answer query={query}>
      {({ pages }) => {
        const runs = runsOf(pages.flatMap(({ events }) => events));
        return (
          <>
            {runs.map((run) => (
              <RunPanel key={run.enrollment} run={run} />
            ))}
            {runs.length === 0 && (
              <EmptyState title={t("person.noJourneys")}>{t("person.noJourneysText")}</EmptyState>
            )}
            {query.hasNextPage && (
              <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t("action.more")}
              </Button>
            )}
          </>
        );
      }}
    </Answer>
  );
}

function RunPanel({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { data } = useQuery(journeysQuery(name));
  const title = data?.journeys.find(({ id }) => id === run.journey)?.name || run.journey;
  return (
    <Panel
      title={title}
      note={<Link to={`/w/${name}/journeys/${run.journey}`}>{t("person.openJourney")}</Link>}
      actions={
        <span className={styles.traits}>
          {run.arm === "control" && <Badge tone="quiet">{t("journey.arm.control")}</Badge>}
          {run.reachedGoal && <Badge tone="good">{t("journey.goalReached")}</Badge>}
          <Badge tone={run.outcome ? "quiet" : "warn"}>
            {run.outcome ? t("person.ended", { outcome: run.outcome }) : t("person.underWay")}
          </Badge>
        </span>
      }
    >
      <ul className={styles.steps}>
        {run.events.map((event) => (
          <li key={event.message_id} className={styles.step}>
            <Moment at={event.occurred_at} />
            <span>{wordsOf(event)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const TOLD = ["node", "edge", "next", "reason", "outcome", "cause", "key"];

/** An event of a run in its own words: what happened, and what it says of it. */
function wordsOf({ name, properties }: PersonEvent): string {
  const told = TOLD.filter((key) => properties[key] !== undefined).map(
    (key) => `${key}: ${brief(properties[key])}`,
  );
  return [name.replace("journey_", ""), ...told].join(" · ");
}
