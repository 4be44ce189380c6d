import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { type Person, personQuery } from "@/api/people";
import { useMay, useWorkspace } from "@/api/workspace";
import { ConsentsPanel } from "@/features/compute/people/ConsentsPanel";
import { IdentityPanel } from "@/features/compute/people/IdentityPanel";
import { JourneysPanel } from "@/features/compute/people/JourneysPanel";
import { MessagesPanel } from "@/features/compute/people/MessagesPanel";
import { PrivacyPanel } from "@/features/compute/people/PrivacyPanel";
import { SegmentsPanel } from "@/features/compute/people/SegmentsPanel";
import { TagsPanel } from "@/features/compute/people/TagsPanel";
import { Timeline } from "@/features/compute/people/Timeline";
import { brief } from "@/lib/json";
import { Answer } from "@/ui/Answer";
import { BarList } from "@/ui/BarList";
import { Columns } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { useFormats } from "@/ui/useFormats";

/** Who somebody is: what they did, what we know, and why we did what we did. */
export function PersonPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { person: id = "" } = useParams();
  const query = useQuery(personQuery(name, id));
  return (
    <Page title={titleOf(query.data, id)} above={<Link to={`/w/${name}/people`}>← {t("nav.people")}</Link>}>
      <Answer query={query}>{(person) => <Whole id={id} person={person} />}</Answer>
    </Page>
  );
}

/** The name that somebody told, else an id. */
function titleOf(person: Person | undefined, id: string): string {
  const told = person?.traits.find(({ name }) => name === "name")?.value;
  return typeof told === "string" && told ? told : (person?.user_id ?? id);
}

function Whole({ id, person }: { id: string; person: Person }) {
  const { t } = useTranslation();
  const may = useMay();
  const [asked, setAsked] = useSearchParams();
  const items = [
    { key: "timeline", label: t("person.timeline"), children: <Timeline id={id} events={person.events} /> },
    { key: "tags", label: t("nav.tags"), children: <TagsPanel id={id} /> },
    { key: "segments", label: t("nav.segments"), children: <SegmentsPanel id={id} person={person} /> },
    { key: "journeys", label: t("nav.journeys"), children: <JourneysPanel id={id} /> },
    { key: "messages", label: t("person.messages"), children: <MessagesPanel id={id} /> },
    { key: "consents", label: t("person.consents"), children: <ConsentsPanel id={id} person={person} /> },
    { key: "identity", label: t("person.identity"), children: <IdentityPanel id={id} /> },
    ...(may("people:erase")
      ? [{ key: "privacy", label: t("nav.privacy"), children: <PrivacyPanel id={id} person={person} /> }]
      : []),
  ];
  const tab = asked.get("tab") ?? "timeline";
  return (
    <Columns aside={<Aside person={person} />}>
      <Tabs
        items={items}
        activeKey={items.some(({ key }) => key === tab) ? tab : "timeline"}
        destroyOnHidden
        onChange={(key) => setAsked({ tab: key }, { replace: true })}
      />
    </Columns>
  );
}

function Aside({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { instant } = useFormats();
  return (
    <>
      <Panel title={t("person.who")}>
        <Facts
          facts={[
            ...person.names.map(({ kind, value }) => ({ label: kind, value })),
            { label: t("person.profile"), value: person.profile_id },
            { label: t("person.firstSeen"), value: <Moment at={person.first_seen_at} /> },
            { label: t("person.lastSeen"), value: <Moment at={person.last_seen_at} /> },
          ]}
        />
      </Panel>
      <Panel title={t("person.traits")}>
        {person.traits.length === 0 ? (
          <EmptyState title={t("person.noTraits")}>{t("person.noTraitsText")}</EmptyState>
        ) : (
          <Facts
            facts={person.traits.map(({ name, value, told_at, source }) => ({
              label: name,
              value: (
                <span title={t("person.toldBy", { source: source ?? "–", instant: instant(told_at) })}>
                  {brief(value)}
                </span>
              ),
            }))}
          />
        )}
      </Panel>
      {person.events.length > 0 && (
        <Panel title={t("person.did")}>
          <BarList
            label={t("person.did")}
            entries={person.events.map(({ name, events, last_at }) => ({
              id: name,
              label: name,
              isCode: true,
              value: events,
              explanation: t("person.lastTime", { instant: instant(last_at) }),
            }))}
          />
        </Panel>
      )}
    </>
  );
}
