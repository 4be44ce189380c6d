import { PushpinOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { type Cell, eventNamesQuery, insightQuery, type Spec } from "@/api/insights";
import { useMay, useWorkspace } from "@/api/workspace";
import { KeptInsights } from "@/features/evaluate/insights/KeptInsights";
import { KindPicker } from "@/features/evaluate/insights/KindPicker";
import { PinDialog } from "@/features/evaluate/insights/PinDialog";
import { Result } from "@/features/evaluate/insights/Result";
import { SpecForm } from "@/features/evaluate/insights/SpecForm";
import { SpecText } from "@/features/evaluate/insights/SpecText";
import {
  firstSpec,
  fromAddress,
  inKind,
  isKind,
  type Kind,
  toAddress,
} from "@/features/evaluate/insights/spec";
import { EmptyState } from "@/ui/EmptyState";
import styles from "@/ui/insights/Insights.module.css";
import { PeopleDrawer } from "@/ui/insights/PeopleDrawer";
import { Loading } from "@/ui/Loading";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** The explorer: one question at a time, its numbers, and the people behind each. The address holds the question. */
export function InsightsPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [address, setAddress] = useSearchParams();
  const { data: events, error, refetch } = useQuery(eventNamesQuery(name));
  const asked = fromAddress(address.get("spec"));
  const ask = (spec: Spec) => setAddress({ spec: toAddress(spec) }, { replace: true });
  return (
    <Page title={t("insights.title")} below={t("insights.below")}>
      {error && !events && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!events && !error && <Loading height={400} />}
      {events && events.length === 0 && (
        <EmptyState title={t("insights.emptyTitle")} command="perennial import orders.jsonl">
          {t("insights.emptyText")}
        </EmptyState>
      )}
      {events && events.length > 0 && (
        <Explorer spec={asked ?? firstSpec("trend", events)} events={events} onAsk={ask} />
      )}
    </Page>
  );
}

interface ExplorerProps {
  spec: Spec;
  events: readonly string[];
  onAsk: (spec: Spec) => void;
}

function Explorer({ spec, events, onAsk }: ExplorerProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [isText, setText] = useState(!isKind(spec.kind));
  const [opened, setOpened] = useState<Cell | null>(null);
  const [isPinning, setPinning] = useState(false);
  const may = useMay();
  const { data, error, isFetching, refetch } = useQuery({
    ...insightQuery(name, spec),
    placeholderData: keepPreviousData,
  });
  const choose = (kind: Kind) => {
    setText(false);
    onAsk(inKind(spec, kind, events));
  };
  const shown = data?.kind === spec.kind ? data : undefined;
  return (
    <>
      <KindPicker kind={spec.kind} onChoose={choose} />
      <div className={styles.split}>
        <Panel
          title={t("insights.question")}
          actions={
            <Segmented
              size="small"
              aria-label={t("insights.editAs")}
              value={isText ? "text" : "form"}
              onChange={(mode) => setText(mode === "text")}
              options={[
                { value: "form", label: t("insights.asForm"), disabled: !isKind(spec.kind) },
                { value: "text", label: t("insights.asText") },
              ]}
            />
          }
        >
          {isText ? (
            <SpecText spec={spec} onAsk={onAsk} />
          ) : (
            <SpecForm spec={spec} events={events} onAsk={onAsk} />
          )}
        </Panel>
        <div className={styles.answer} aria-busy={isFetching}>
          {error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : null}
          {!error && !shown && <Loading height={420} />}
          {!error && shown && (
            <>
              <div className={styles.actions}>
                <KeptInsights spec={spec} onAsk={onAsk} />
                {may("define") && (
                  <Button icon={<PushpinOutlined />} onClick={() => setPinning(true)}>
                    {t("boards.pin")}
                  </Button>
                )}
              </div>
              <Result result={shown} onOpen={setOpened} />
            </>
          )}
        </div>
      </div>
      {isPinning && <PinDialog spec={spec} onClose={() => setPinning(false)} />}
      {opened && <PeopleDrawer spec={spec} cell={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
