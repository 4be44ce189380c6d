import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Today, todayQuery } from "@/api/today";
import { useWorkspace } from "@/api/workspace";
import { DaysPanel } from "@/features/evaluate/today/DaysPanel";
import { FreshnessBadge } from "@/features/evaluate/today/FreshnessBadge";
import { Headline } from "@/features/evaluate/today/Headline";
import { JourneysPanel } from "@/features/evaluate/today/JourneysPanel";
import { MessagesPanel } from "@/features/evaluate/today/MessagesPanel";
import { SegmentsPanel } from "@/features/evaluate/today/SegmentsPanel";
import styles from "@/features/evaluate/today/TodayPage.module.css";
import { TopEvents } from "@/features/evaluate/today/TopEvents";
import { useConnection } from "@/lib/connection";
import { localDay } from "@/lib/days";
import { Badge } from "@/ui/Badge";
import { EmptyState } from "@/ui/EmptyState";
import { Loading } from "@/ui/Loading";
import { Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useFormats } from "@/ui/useFormats";

/** The morning's page: how the workspace stands. */
export function TodayPage() {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const { isLost } = useConnection();
  const { data, error, refetch } = useQuery(todayQuery(workspace.name));
  return (
    <Page
      title={t("today.title")}
      beside={workspace.is_rehearsal && <Badge tone="quiet">{t("workspace.rehearsal")}</Badge>}
      below={data && <AsOf today={data} />}
      actions={data && !isLost && <FreshnessBadge today={data} />}
    >
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data && (data.first_event_at ? <Numbers today={data} /> : <FirstSteps />)}
      {!data && !error && <Outline />}
    </Page>
  );
}

function AsOf({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { longDay } = useFormats();
  const { is_rehearsal } = useWorkspace();
  const when = { day: longDay(localDay(today.as_of, today.timezone)), zone: today.timezone };
  return is_rehearsal ? t("today.asOfRehearsal", when) : t("today.asOf", when);
}

function Numbers({ today }: { today: Today }) {
  return (
    <>
      <Headline today={today} />
      <div className={styles.split}>
        <DaysPanel today={today} />
        <TopEvents today={today} />
      </div>
      <JourneysPanel today={today} />
      <div className={styles.halves}>
        <SegmentsPanel today={today} />
        <MessagesPanel today={today} />
      </div>
    </>
  );
}

function FirstSteps() {
  const { t } = useTranslation();
  return (
    <EmptyState title={t("today.emptyTitle")} command="perennial import orders.jsonl">
      {t("today.emptyText")}
    </EmptyState>
  );
}

/** The page's shape while its numbers are on their way. */
function Outline() {
  return (
    <>
      <Loading height={112} />
      <div className={styles.split}>
        <Loading height={320} />
        <Loading height={320} />
      </div>
      <Loading height={160} />
    </>
  );
}
