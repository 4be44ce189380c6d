import { type ReactNode, useEffect } from "react";
import styles from "@/ui/Page.module.css";

interface PageProps {
  title: string;
  /** What stands above the title: where this page belongs. */
  above?: ReactNode;
  /** Beside the title: state, version. */
  beside?: ReactNode;
  below?: ReactNode;
  actions?: ReactNode;
  /** Whether it takes up the window exactly, where there is room, and scrolls inside. */
  isFilling?: boolean;
  children: ReactNode;
}

/** A page: its heading and what it shows. Sets the window's title. */
export function Page({ title, above, beside, below, actions, isFilling = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Perennial`;
  }, [title]);
  return (
    <main className={`${styles.page} ${isFilling ? styles.filling : ""}`} id="content" tabIndex={-1}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {above}
          <div className={styles.line}>
            <h1 className={styles.title}>{title}</h1>
            {beside}
          </div>
          {below && <div className={styles.below}>{below}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
}
