import { useTranslation } from "react-i18next";
import { Front } from "@/app/Front";
import styles from "@/app/Front.module.css";

const COMMAND = "perennial console";

/** There is no session (any more): how to open one. After a link of the terminal the place is returned to. */
export function SessionEnded() {
  const { t } = useTranslation();
  return (
    <Front>
      <h1 className={styles.title}>{t("session.endedTitle")}</h1>
      <a href="/sign-in">{t("session.signIn")}</a>
      <p className={styles.text}>{t("session.endedText")}</p>
      <code className={styles.command}>{COMMAND}</code>
      <p className={styles.text}>{t("session.endedReturn")}</p>
    </Front>
  );
}
