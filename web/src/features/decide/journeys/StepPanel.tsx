import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { countsOf, shareBy } from "@/features/decide/journeys/counts";
import type { Step } from "@/features/decide/journeys/document";
import { useJourney } from "@/features/decide/journeys/JourneyContext";
import { KindIcon } from "@/features/decide/journeys/KindIcon";
import styles from "@/features/decide/journeys/StepPanel.module.css";
import { useFormats } from "@/ui/useFormats";

/** One step in full: its words, and where everybody who came to it is. */
export function StepPanel({ step, onClose }: { step: Step; onClose: () => void }) {
  const { t } = useTranslation();
  const { count, share } = useFormats();
  const { journey, words } = useJourney();
  const counts = countsOf(journey.nodes[step.id]);
  const { title, detail } = words.step(step);
  const rows = [
    ...step.ways.map((way) => ({
      key: way.edge,
      label: words.way(step, way) || t("step.onward"),
      to: way.to,
      value: counts.left[way.edge] ?? 0,
      part: shareBy(counts, way.edge),
    })),
    { key: "$waiting", label: t("step.waiting"), to: "", value: counts.waiting, part: null },
    { key: "$ended", label: t("step.endedHere"), to: "", value: counts.endedHere, part: null },
  ];
  const partOf = (value: number) => (counts.entered > 0 ? share(value / counts.entered) : "–");
  return (
    <section className={styles.step} aria-label={t("step.label", { id: step.id })}>
      <div className={styles.head}>
        <KindIcon kind={step.kind} />
        <span>{words.kind(step)}</span>
        <code>{step.id}</code>
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined />}
          aria-label={t("action.close")}
          onClick={onClose}
          className={styles.close ?? ""}
        />
      </div>
      <h2 className={styles.title}>{title}</h2>
      {detail && <p className={styles.detail}>{detail}</p>}
      <p className={styles.entered}>
        <b>{count(counts.entered)}</b> {t("chart.count.entered")}
      </p>
      <ul className={styles.rows}>
        {rows.map((row) => (
          <li key={row.key}>
            <span className={styles.label}>
              {row.label}
              {row.to && <code>→ {row.to}</code>}
            </span>
            <span className={styles.part}>{row.part === null ? partOf(row.value) : share(row.part)}</span>
            <b>{count(row.value)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
