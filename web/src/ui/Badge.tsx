import type { ReactNode } from "react";
import styles from "@/ui/Badge.module.css";

export type Tone = "good" | "warn" | "bad" | "quiet";

/** A short standing, in the colour of what it means. */
export function Badge({
  tone,
  children,
  hasDot = false,
}: {
  tone: Tone;
  children: ReactNode;
  hasDot?: boolean;
}) {
  return (
    <span className={`${styles.badge} ${styles[tone]}`}>
      {hasDot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}
