import { useTranslation } from "react-i18next";
import { type Interval, meaningOf, placeOf, reachOf } from "@/lib/interval";
import styles from "@/ui/IntervalBar.module.css";
import { useFormats } from "@/ui/useFormats";

interface IntervalBarProps {
  interval: Interval;
  /** The scale's reach to either side, where several bars share one. */
  reach?: number;
  /** With the ends written under it. */
  isLabelled?: boolean;
}

/** An effect with its interval on a line through zero: the sign of Perennial's honesty. */
export function IntervalBar({ interval, reach = reachOf([interval]), isLabelled = false }: IntervalBarProps) {
  const { t } = useTranslation();
  const { points } = useFormats();
  const low = placeOf(interval.low, reach);
  const high = placeOf(interval.high, reach);
  const numbers = {
    value: points(interval.value),
    low: points(interval.low),
    high: points(interval.high),
  };
  return (
    <div
      className={`${styles.bar} ${styles[meaningOf(interval)]}`}
      role="img"
      aria-label={t("effect.spoken", numbers)}
    >
      <div className={styles.track}>
        <span className={styles.zero} />
        <span className={styles.reach} style={{ left: `${low}%`, width: `${high - low}%` }} />
        <span className={styles.value} style={{ left: `${placeOf(interval.value, reach)}%` }} />
      </div>
      {isLabelled && (
        <div className={styles.labels} aria-hidden="true">
          <span style={{ left: `${low}%` }}>{numbers.low}</span>
          <span className={styles.zeroLabel} style={{ left: "50%" }}>
            0
          </span>
          <span style={{ left: `${high}%` }}>{numbers.high}</span>
        </div>
      )}
    </div>
  );
}
