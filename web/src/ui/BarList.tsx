import { Tooltip } from "antd";
import styles from "@/ui/BarList.module.css";
import { useFormats } from "@/ui/useFormats";

export interface BarEntry {
  id: string;
  label: string;
  /** Said when one rests on the label. */
  explanation?: string | undefined;
  /** Null where it was never counted. */
  value: number | null;
  isCode?: boolean;
}

/** Named numbers, largest first as given, each over a bar of its share of the largest. */
export function BarList({ entries, label }: { entries: readonly BarEntry[]; label: string }) {
  const { count } = useFormats();
  const largest = Math.max(1, ...entries.map(({ value }) => value ?? 0));
  return (
    <ul className={styles.list} aria-label={label}>
      {entries.map((entry) => (
        <li key={entry.id} className={styles.entry}>
          <Tooltip title={entry.explanation} placement="topLeft">
            <span className={`${styles.label} ${entry.isCode ? styles.code : ""}`}>{entry.label}</span>
          </Tooltip>
          <span className={styles.value}>{entry.value === null ? "–" : count(entry.value)}</span>
          <span className={styles.track} aria-hidden="true">
            <span className={styles.fill} style={{ width: `${((entry.value ?? 0) / largest) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
