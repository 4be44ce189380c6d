import type { ReactNode } from "react";
import { type IconKind, KindIcon } from "@/features/decide/journeys/KindIcon";
import styles from "@/features/decide/journeys/NodeCard.module.css";

interface NodeCardProps {
  icon: IconKind;
  kind: string;
  /** The step's id in the document. */
  id?: string;
  title: string;
  detail?: string;
  isSelected?: boolean;
  /** Counts, or what else stands at the foot. */
  children?: ReactNode;
}

/** A box of the chart: its kind, what it does in words, and its counts. All are of one size. */
export function NodeCard({ icon, kind, id, title, detail, isSelected, children }: NodeCardProps) {
  return (
    <div className={`${styles.card} ${styles[icon]} ${isSelected ? styles.selected : ""}`}>
      <div className={styles.head}>
        <span className={styles.icon}>
          <KindIcon kind={icon} />
        </span>
        <span>{kind}</span>
        {id && <code className={styles.id}>{id}</code>}
      </div>
      <div className={styles.title} title={title}>
        {title}
      </div>
      {detail && (
        <div className={styles.detail} title={detail}>
          {detail}
        </div>
      )}
      <div className={styles.foot}>{children}</div>
    </div>
  );
}
