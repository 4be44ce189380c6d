import type { ReactNode } from "react";
import styles from "@/ui/Columns.module.css";

/** A wide part with a narrow one beside it that stays in view; one under the other where there is no room. */
export function Columns({ aside, children }: { aside: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.main}>{children}</div>
      <aside className={styles.aside}>{aside}</aside>
    </div>
  );
}

/** A labelled field of a form. */
export function Field({ label, fault, children }: { label: string; fault?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what it is put around
    <label className={styles.field}>
      <span className={styles.label}>{label}</span>
      {children}
      {fault && (
        <span className={styles.fault} role="alert">
          {fault}
        </span>
      )}
    </label>
  );
}

/** Fields side by side where there is room. */
export function FieldGrid({ children }: { children: ReactNode }) {
  return <div className={styles.form}>{children}</div>;
}

/** Things on one line that may wrap. */
export function Line({ children }: { children: ReactNode }) {
  return <div className={styles.line}>{children}</div>;
}
