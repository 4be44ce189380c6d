import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ListedPerson, personQuery } from "@/api/people";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/compute/people/People.module.css";
import { brief } from "@/lib/json";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { PersonLink } from "@/ui/PersonLink";
import { Rows } from "@/ui/Rows";

interface PeopleRowsProps {
  rows: readonly ListedPerson[];
  isLoading: boolean;
  isFiltered: boolean;
  onEnd: () => void;
}

const LEAST_HEIGHT = 320;
const ABOVE = 300;
const heightNow = () => Math.max(LEAST_HEIGHT, window.innerHeight - ABOVE);

/** A list of people as long as need be; what is known of each is fetched once it rests in view. */
export function PeopleRows({ rows, isLoading, isFiltered, onEnd }: PeopleRowsProps) {
  const { t } = useTranslation();
  const [height] = useState(heightNow);
  return (
    <Rows<ListedPerson>
      label={t("nav.people")}
      rows={rows}
      idOf={({ profile_id }) => profile_id}
      isLoading={isLoading}
      height={height}
      onEnd={onEnd}
      empty={
        <EmptyState
          title={t(isFiltered ? "people.nobodyFound" : "people.emptyTitle")}
          {...(isFiltered ? {} : { command: "perennial import FILE" })}
        >
          {t(isFiltered ? "people.nobodyFoundText" : "people.emptyText")}
        </EmptyState>
      }
      columns={[
        {
          title: t("people.person"),
          key: "person",
          width: 240,
          ellipsis: true,
          render: (_, person) => <PersonLink person={person} />,
        },
        {
          title: t("people.traits"),
          key: "traits",
          width: 420,
          render: (_, person) => <Traits person={person} />,
        },
        {
          title: t("people.lastSeen"),
          key: "seen",
          width: 190,
          render: (_, person) => <LastSeen person={person} />,
        },
      ]}
    />
  );
}

/** So long a row has to rest in view before it is asked about: scrolling past asks nothing. */
const RESTS = 250;

function useKnown(person: ListedPerson) {
  const { name } = useWorkspace();
  const [rests, setRests] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRests(true), RESTS);
    return () => clearTimeout(timer);
  }, []);
  return useQuery({
    ...personQuery(name, person.user_id ?? person.profile_id),
    enabled: rests,
    staleTime: 60_000,
  }).data;
}

const MOST = 4;

function Traits({ person }: { person: ListedPerson }) {
  const known = useKnown(person);
  const traits = known?.traits.map(({ name, value }) => ({ name, value })) ?? entriesOf(person.traits);
  return (
    <span className={styles.traits}>
      {traits.slice(0, MOST).map(({ name, value }) => (
        <span key={name} className={styles.trait}>
          <span className={styles.key}>{name}</span> {brief(value)}
        </span>
      ))}
    </span>
  );
}

const entriesOf = (traits: Record<string, unknown> | undefined) =>
  Object.entries(traits ?? {}).map(([name, value]) => ({ name, value }));

function LastSeen({ person }: { person: ListedPerson }) {
  const known = useKnown(person);
  return known ? <Moment at={known.last_seen_at} /> : null;
}
