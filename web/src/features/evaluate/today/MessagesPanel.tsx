import { useTranslation } from "react-i18next";
import type { Today } from "@/api/today";
import styles from "@/features/evaluate/today/MessagesPanel.module.css";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Panel";
import { useFormats } from "@/ui/useFormats";
import { useMessageState } from "@/ui/useMessageState";

/** What became of the messages, as shares of one bar. */
export function MessagesPanel({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { count, share } = useFormats();
  const stateOf = useMessageState();
  const total = today.messages.reduce((sum, each) => sum + each.count, 0);
  return (
    <Panel title={t("today.messages")} note={total > 0 && t("today.messagesNote", { count: total })}>
      {total > 0 ? (
        <>
          <div className={styles.bar} aria-hidden="true">
            {today.messages.map((each) => (
              <span
                key={each.state}
                style={{ flexGrow: each.count, background: stateOf(each.state).colour }}
              />
            ))}
          </div>
          <ul className={styles.states}>
            {today.messages.map((each) => (
              <li key={each.state} className={styles.state}>
                <span className={styles.dot} style={{ background: stateOf(each.state).colour }} />
                <span>
                  {stateOf(each.state).label}
                  <span className={styles.meaning}>{stateOf(each.state).meaning}</span>
                </span>
                <span className={styles.share}>{share(each.count / total)}</span>
                <span className={styles.count}>{count(each.count)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <EmptyState title={t("today.noMessagesTitle")}>{t("today.noMessagesText")}</EmptyState>
      )}
    </Panel>
  );
}
