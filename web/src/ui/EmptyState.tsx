import type { ReactNode } from "react";
import styles from "@/ui/EmptyState.module.css";

interface EmptyStateProps {
  title: string;
  /** What would stand here and why one wants it. */
  children: ReactNode;
  /** A command that fills it. */
  command?: string;
  action?: ReactNode;
}

/** Nothing here yet: what would be here, and how to get it. */
export function EmptyState({ title, children, command, action }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      <strong className={styles.title}>{title}</strong>
      <p className={styles.text}>{children}</p>
      {command && <code className={styles.command}>{command}</code>}
      {action}
    </div>
  );
}
