import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Person, type PersonEvent, type PersonEventKind, personEventsQuery } from "@/api/people";
import { useWorkspace } from "@/api/workspace";
import { byDay, summaryOf } from "@/features/compute/people/history";
import styles from "@/features/compute/people/People.module.css";
import { Answer } from "@/ui/Answer";
import { CodeBlock } from "@/ui/CodeBlock";
import { Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Panel";
import { useFormats } from "@/ui/useFormats";

const KINDS: readonly PersonEventKind[] = ["track", "page", "screen", "identify", "consent", "perennial"];

/** What happened to somebody, newest first: what they did, what they told, what we did. */
export function Timeline({ id, events }: { id: string; events: Person["events"] }) {
  const { t } = useTranslation();
  const { name, timezone } = useWorkspace();
  const { longDay } = useFormats();
  const [event, setEvent] = useState<string | undefined>();
  const [kind, setKind] = useState<PersonEventKind | undefined>();
  const query = useInfiniteQuery(personEventsQuery(name, id, { event, kind }));
  return (
    <Panel
      title={t("person.timeline")}
      actions={
        <Line>
          <Select
            allowClear
            size="small"
            aria-label={t("person.kind")}
            placeholder={t("person.kind")}
            popupMatchSelectWidth={false}
            options={KINDS.map((each) => ({ value: each, label: t(`person.kindOf.${each}`) }))}
            value={kind}
            onChange={setKind}
          />
          <Select
            allowClear
            size="small"
            aria-label={t("person.event")}
            placeholder={t("person.event")}
            popupMatchSelectWidth={false}
            options={events.map((each) => ({ value: each.name, label: each.name }))}
            value={event}
            onChange={setEvent}
          />
        </Line>
      }
    >
      <Answer query={query}>
        {({ pages }) => {
          const days = byDay(
            pages.flatMap((page) => page.events),
            timezone,
          );
          if (days.length === 0) {
            return <EmptyState title={t("person.noEvents")}>{t("person.noEventsText")}</EmptyState>;
          }
          return days.map(({ day, events: happened }) => (
            <div key={day}>
              <h3 className={styles.day}>{longDay(day)}</h3>
              <ul className={styles.events}>
                {happened.map((each) => (
                  <Happened key={`${each.message_id} ${each.occurred_at}`} event={each} />
                ))}
              </ul>
            </div>
          ));
        }}
      </Answer>
      {query.hasNextPage && (
        <div>
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function Happened({ event }: { event: PersonEvent }) {
  const { t } = useTranslation();
  const { time } = useFormats();
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={styles.event}>
      <button
        type="button"
        className={styles.eventHead}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <time className={styles.time} dateTime={event.occurred_at}>
          {time(event.occurred_at)}
        </time>
        <span className={`${styles.eventName} ${event.origin === "perennial" ? styles.ours : ""}`}>
          {event.name || event.kind}
        </span>
        <span className={styles.summary}>{summaryOf(event)}</span>
      </button>
      {isOpen && <CodeBlock label={t("person.eventInFull")} text={JSON.stringify(event, null, 2)} />}
    </li>
  );
}
