import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Message, personEventsQuery, personMessagesQuery } from "@/api/people";
import { useWorkspace } from "@/api/workspace";
import { fateOf } from "@/features/compute/people/history";
import styles from "@/features/compute/people/People.module.css";
import { brief } from "@/lib/json";
import { Answer } from "@/ui/Answer";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Rows } from "@/ui/Rows";
import { useMessageState } from "@/ui/useMessageState";
import { useReason } from "@/ui/useReason";

/** Every message that was asked for, with each verdict of the gate and what became of it. */
export function MessagesPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(personMessagesQuery(name, id));
  const wordsOf = useMessageState();
  const reasonOf = useReason();
  return (
    <Answer query={query}>
      {({ messages }) => (
        <Rows<Message>
          label={t("person.messages")}
          rows={messages}
          idOf={({ message_id }) => message_id}
          empty={<EmptyState title={t("person.noMessages")}>{t("person.noMessagesText")}</EmptyState>}
          expanded={({ message_id }) => <Fate id={id} messageId={message_id} />}
          columns={[
            {
              title: t("person.asked"),
              key: "at",
              width: 190,
              render: (_, { created_at }) => <Moment at={created_at} />,
            },
            {
              title: t("person.channel"),
              key: "channel",
              render: (_, { channel, topic }) => `${channel} / ${topic}`,
            },
            {
              title: t("person.state"),
              key: "state",
              render: (_, { state }) => {
                const { label, colour } = wordsOf(state);
                return <span style={{ color: colour, fontWeight: 600 }}>{label}</span>;
              },
            },
            {
              title: t("person.reason"),
              key: "reason",
              render: (_, { reason, state }) => (reason ? reasonOf(reason) : wordsOf(state).meaning),
            },
          ]}
        />
      )}
    </Answer>
  );
}

/** What the gate and the provider said, one after the other. */
function Fate({ id, messageId }: { id: string; messageId: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const reasonOf = useReason();
  const query = useInfiniteQuery(personEventsQuery(name, id, { kind: "perennial" }));
  return (
    <Answer query={query} height={48}>
      {({ pages }) => {
        const fate = fateOf(
          pages.flatMap(({ events }) => events),
          messageId,
        );
        if (fate.length === 0) return <span>{t("person.noFate")}</span>;
        return (
          <ul className={styles.steps}>
            {fate.map(({ message_id, name: event, occurred_at, properties }) => (
              <li key={message_id} className={styles.step}>
                <Moment at={occurred_at} />
                <span>
                  <code>{event}</code>{" "}
                  {[
                    properties.reason ? reasonOf(brief(properties.reason)) : "",
                    brief(properties.journey ?? ""),
                  ]
                    .filter(Boolean)
                    .join(" · ")}
                </span>
              </li>
            ))}
          </ul>
        );
      }}
    </Answer>
  );
}
