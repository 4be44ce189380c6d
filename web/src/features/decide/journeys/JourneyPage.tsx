import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { type JourneyPicture, journeyQuery, type Readout, readoutQuery } from "@/api/journeys";
import { useWorkspace } from "@/api/workspace";
import { readChart } from "@/features/decide/journeys/document";
import { JourneyCanvas } from "@/features/decide/journeys/JourneyCanvas";
import { JourneyContext } from "@/features/decide/journeys/JourneyContext";
import styles from "@/features/decide/journeys/JourneyPage.module.css";
import { ReadoutPanel } from "@/features/decide/journeys/ReadoutPanel";
import { StateButton } from "@/features/decide/journeys/StateButton";
import { StepPanel } from "@/features/decide/journeys/StepPanel";
import { TextPanel } from "@/features/decide/journeys/TextPanel";
import { useWords } from "@/features/decide/journeys/useWords";
import { JourneyStateBadge } from "@/ui/JourneyStateBadge";
import { Loading } from "@/ui/Loading";
import { Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useFormats } from "@/ui/useFormats";

/** A journey: its flowchart with counts, and beside it what it causes and its text. */
export function JourneyPage() {
  const { t } = useTranslation();
  const { journey: id = "" } = useParams();
  const { name } = useWorkspace();
  const { instant } = useFormats();
  const journey = useQuery(journeyQuery(name, id));
  const readout = useQuery(readoutQuery(name, id));
  const { data } = journey;
  return (
    <Page
      isFilling
      title={data?.name || id}
      above={<Link to={`/w/${name}/journeys`}>{t("journeys.title")}</Link>}
      beside={data && <JourneyStateBadge state={data.state} />}
      actions={data && <StateButton journey={data} />}
      below={
        data && (
          <span className={styles.facts}>
            <span>{t("journey.version", { version: data.version })}</span>
            {data.published_at && (
              <span>{t("journey.published", { instant: instant(data.published_at) })}</span>
            )}
            <span>{t("journey.asOf", { instant: instant(data.as_of) })}</span>
            <code>{data.id}</code>
          </span>
        )
      }
    >
      {journey.error && !data && (
        <ProblemNotice error={journey.error} onRetry={() => void journey.refetch()} />
      )}
      {!data && !journey.error && (
        <div className={styles.split}>
          <Loading height={560} />
          <Loading height={560} />
        </div>
      )}
      {data && (
        <Opened
          journey={data}
          readout={readout.data}
          problem={readout.error}
          onRetry={() => void readout.refetch()}
        />
      )}
    </Page>
  );
}

interface OpenedProps {
  journey: JourneyPicture;
  readout: Readout | undefined;
  problem: Error | null;
  onRetry: () => void;
}

const PANELS = ["readout", "text"] as const;

function Opened({ journey, readout, problem, onRetry }: OpenedProps) {
  const { t } = useTranslation();
  const words = useWords(journey.sentences);
  const chart = useMemo(() => readChart(journey.document), [journey.document]);
  const [search, setSearch] = useSearchParams();
  const chosen = chart.steps.find((step) => step.id === search.get("step")) ?? null;
  const panel = PANELS.find((each) => each === search.get("panel")) ?? "readout";
  const change = (key: string, value: string | null) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === null) after.delete(key);
        else after.set(key, value);
        return after;
      },
      { replace: true },
    );
  const effect = readout ? (
    <ReadoutPanel readout={readout} />
  ) : problem ? (
    <ProblemNotice error={problem} onRetry={onRetry} />
  ) : (
    <Loading height={320} />
  );
  return (
    <JourneyContext value={{ journey, chart, words, readout }}>
      <div className={styles.split}>
        <JourneyCanvas selected={chosen?.id ?? null} onSelect={(step) => change("step", step)} />
        <aside className={styles.side} aria-label={t("journey.beside")}>
          {chosen && <StepPanel step={chosen} onClose={() => change("step", null)} />}
          <Tabs
            activeKey={panel}
            onChange={(key) => change("panel", key === "readout" ? null : key)}
            items={[
              { key: "readout", label: t("readout.title"), children: effect },
              { key: "text", label: t("text.title"), children: <TextPanel selected={chosen?.id ?? null} /> },
            ]}
          />
        </aside>
      </div>
    </JourneyContext>
  );
}
