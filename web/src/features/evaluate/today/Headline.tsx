import { ArrowDownOutlined, ArrowUpOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Today } from "@/api/today";
import styles from "@/features/evaluate/today/Headline.module.css";
import { changeOf, type DayInWeek, daysUntil, lastWholeDay } from "@/features/evaluate/today/reading";
import { Sparkline } from "@/ui/Sparkline";
import { useFormats } from "@/ui/useFormats";

/** The numbers one looks at first: the last whole day beside its weekday a week before, and the totals. */
export function Headline({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { count, day: named } = useFormats();
  const found = lastWholeDay(today);
  const shape = daysUntil(today.days, found);
  const when = found ? named(found.day.day) : t("today.noDay");
  return (
    <dl className={styles.strip}>
      <Figure
        label={t("today.activePeople")}
        when={when}
        value={found ? count(found.day.people) : "–"}
        beside={<Sparkline values={shape.map(({ people }) => people)} />}
      >
        <Change found={found} of="people" />
      </Figure>
      <Figure
        label={t("today.eventsThatDay")}
        when={when}
        value={found ? count(found.day.events) : "–"}
        beside={<Sparkline values={shape.map(({ events }) => events)} />}
      >
        <Change found={found} of="events" />
      </Figure>
      <Figure label={t("today.people")} value={count(today.people)}>
        {t("today.peopleNote")}
      </Figure>
      <Figure label={t("today.events")} value={count(today.events)}>
        <Since today={today} />
      </Figure>
    </dl>
  );
}

interface FigureProps {
  label: string;
  when?: string;
  value: string;
  beside?: ReactNode;
  children: ReactNode;
}

function Figure({ label, when, value, beside, children }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt className={styles.label}>
        {label}
        {when && <span className={styles.when}>{when}</span>}
      </dt>
      <dd className={styles.value}>
        {value}
        {beside && <span className={styles.beside}>{beside}</span>}
      </dd>
      <dd className={styles.note}>{children}</dd>
    </div>
  );
}

function Change({ found, of }: { found: DayInWeek | null; of: "people" | "events" }) {
  const { t } = useTranslation();
  const { change, count } = useFormats();
  const before = found?.weekBefore?.[of];
  const relative = found && changeOf(found.day[of], before);
  if (relative === null || before === undefined) return t("today.noComparison");
  const Arrow = relative < 0 ? ArrowDownOutlined : ArrowUpOutlined;
  const tone = relative < 0 ? styles.down : styles.up;
  return (
    <>
      <span className={`${styles.change} ${relative === 0 ? "" : tone}`}>
        {relative !== 0 && <Arrow aria-hidden="true" />} {change(relative)}
      </span>{" "}
      {t("today.weekBefore", { value: count(before) })}
    </>
  );
}

function Since({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { instant } = useFormats();
  return today.first_event_at ? t("today.since", { instant: instant(today.first_event_at) }) : null;
}
