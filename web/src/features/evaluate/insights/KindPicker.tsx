import { useTranslation } from "react-i18next";
import { KINDS, type Kind } from "@/features/evaluate/insights/spec";
import styles from "@/ui/insights/Insights.module.css";

/** The kinds of questions, side by side. */
export function KindPicker({ kind, onChoose }: { kind: string; onChoose: (kind: Kind) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className={styles.kinds}>
      <legend className="visually-hidden">{t("insights.kind")}</legend>
      {KINDS.map((each) => (
        <button
          key={each}
          type="button"
          className={`${styles.kind} ${each === kind ? styles.here : ""}`}
          aria-pressed={each === kind}
          title={t(`insights.kindHint.${each}`)}
          onClick={() => onChoose(each)}
        >
          {t(`insights.kinds.${each}`)}
        </button>
      ))}
    </fieldset>
  );
}
