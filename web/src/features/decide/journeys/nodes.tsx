import { Handle, type NodeProps, type NodeTypes, Position } from "@xyflow/react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { countsOf } from "@/features/decide/journeys/counts";
import { useJourney } from "@/features/decide/journeys/JourneyContext";
import { NodeCard } from "@/features/decide/journeys/NodeCard";
import styles from "@/features/decide/journeys/nodes.module.css";
import type { PictureNode } from "@/features/decide/journeys/picture";
import { intervalOf } from "@/lib/interval";
import { IntervalBar } from "@/ui/IntervalBar";
import { useFormats } from "@/ui/useFormats";

/** Where lines begin and end; drawn by us, so the handles themselves are not seen. */
function Handles() {
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} className={styles.handle ?? ""} />
      <Handle
        type="source"
        position={Position.Bottom}
        isConnectable={false}
        className={styles.handle ?? ""}
      />
    </>
  );
}

function StepNode({ data, selected }: NodeProps<Extract<PictureNode, { type?: "step" }>>) {
  const { journey, words } = useJourney();
  const { step } = data;
  const counts = countsOf(journey.nodes[step.id]);
  return (
    <>
      <Handles />
      <NodeCard
        icon={step.kind}
        kind={words.kind(step)}
        id={step.id}
        isSelected={selected}
        {...words.step(step)}
      >
        <Count word="entered" value={counts.entered} isAlways />
        <Count word="waiting" value={counts.waiting} />
        <Count word="endedHere" value={counts.endedHere} />
      </NodeCard>
    </>
  );
}

function EntryNode() {
  const { t } = useTranslation();
  const { journey, chart, words } = useJourney();
  return (
    <>
      <Handles />
      <NodeCard icon="entry" kind={t("chart.kind.entry")} {...words.entry(chart)}>
        <Count word="cameIn" value={journey.entered} isAlways />
      </NodeCard>
    </>
  );
}

function ArmsNode() {
  const { t } = useTranslation();
  const { brief } = useFormats();
  const { journey, chart } = useJourney();
  const treated = journey.arms.treated ?? 0;
  const control = journey.arms.control ?? 0;
  return (
    <>
      <Handles />
      <NodeCard
        icon="arms"
        kind={t("chart.kind.arms")}
        title={t("chart.arms.title", { share: chart.control })}
        detail={t("chart.arms.detail")}
      >
        <div className={styles.arms}>
          <div className={styles.bar} aria-hidden="true">
            <span className={styles.treated} style={{ flexGrow: treated }} />
            <span className={styles.control} style={{ flexGrow: control }} />
          </div>
          <div className={styles.ends}>
            <span>
              <b>{brief(treated)}</b> {t("journey.arm.treated")}
            </span>
            <span>
              {t("journey.arm.control")} <b>{brief(control)}</b>
            </span>
          </div>
        </div>
      </NodeCard>
    </>
  );
}

function GoalNode() {
  const { t } = useTranslation();
  const { duration, points } = useFormats();
  const { chart, words, readout } = useJourney();
  if (!chart.goal) return null;
  const interval = readout && intervalOf(readout);
  return (
    <>
      <Handles />
      <NodeCard
        icon="goal"
        kind={t("chart.kind.goal")}
        title={words.match(chart.goal.match)}
        detail={t("chart.goal.within", { span: duration(chart.goal.within) })}
      >
        {interval && (
          <div className={styles.effect}>
            <b>{t("effect.points", { value: points(interval.value) })}</b>
            <IntervalBar interval={interval} />
          </div>
        )}
        {readout && !interval && <span>{t("effect.none")}</span>}
      </NodeCard>
    </>
  );
}

function LeaveNode() {
  const { t } = useTranslation();
  const { list } = useFormats();
  const { journey, chart, words } = useJourney();
  const left = Object.values(journey.nodes).reduce((sum, node) => sum + countsOf(node).endedHere, 0);
  return (
    <>
      <Handles />
      <NodeCard
        icon="leave"
        kind={t("chart.kind.leave")}
        title={list([...chart.exits.map(words.match), ...words.leaving(chart)])}
        detail={t("chart.leave.detail")}
      >
        <Count word="leftEarly" value={left} isAlways />
      </NodeCard>
    </>
  );
}

interface CountProps {
  word: "entered" | "waiting" | "endedHere" | "cameIn" | "leftEarly";
  value: number;
  /** Shown also where it is nobody. */
  isAlways?: boolean;
}

function Count({ word, value, isAlways = false }: CountProps): ReactNode {
  const { t } = useTranslation();
  const { brief } = useFormats();
  if (value === 0 && !isAlways) return null;
  return (
    <span>
      <b>{brief(value)}</b> {t(`chart.count.${word}`)}
    </span>
  );
}

export const NODE_TYPES: NodeTypes = {
  step: StepNode,
  entry: EntryNode,
  arms: ArmsNode,
  goal: GoalNode,
  leave: LeaveNode,
};
