import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/app/Front.module.css";
import { LanguageButton } from "@/app/LanguageButton";
import { Mark } from "@/ui/Mark";

/** A page outside the workspaces: the mark, one thing to say, and the language. */
export function Front({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className={styles.front}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Mark size={40} />
          <span>{t("brand")}</span>
        </div>
        {children}
        <div>
          <LanguageButton />
        </div>
      </div>
    </main>
  );
}
