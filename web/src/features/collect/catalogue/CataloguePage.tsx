import { useQuery } from "@tanstack/react-query";
import { Input, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type Description,
  describe,
  type SchemaEvent,
  type SchemaProperty,
  schemaDriftQuery,
  schemaEventsQuery,
  schemaPropertiesQuery,
} from "@/api/catalogue";
import { useMay, useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";
import { useFormats } from "@/ui/useFormats";

/** Every event that was sent or described, its properties, and what is no longer as it was. */
export function CataloguePage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { count } = useFormats();
  const query = useQuery(schemaEventsQuery(name));
  const [sought, setSought] = useState("");
  return (
    <Page title={t("nav.catalogue")} below={t("catalogue.lead")}>
      <Input.Search
        allowClear
        aria-label={t("catalogue.search")}
        placeholder={t("catalogue.search")}
        style={{ maxWidth: 360 }}
        onChange={({ target }) => setSought(target.value)}
      />
      <Answer query={query}>
        {({ events }) => (
          <Rows<SchemaEvent>
            label={t("nav.catalogue")}
            rows={events.filter((each) =>
              `${each.name} ${each.description} ${each.owner}`.toLowerCase().includes(sought.toLowerCase()),
            )}
            idOf={({ name: event }) => event}
            empty={<EmptyState title={t("catalogue.emptyTitle")}>{t("catalogue.emptyText")}</EmptyState>}
            expanded={({ name: event }) => <Properties event={event} />}
            columns={[
              {
                title: t("catalogue.event"),
                key: "event",
                width: 200,
                render: (_, each) => (
                  <>
                    <strong>{each.name}</strong>{" "}
                    {each.status && <Badge tone="quiet">{t(`catalogue.status.${each.status}`)}</Badge>}
                  </>
                ),
              },
              {
                title: t("catalogue.description"),
                key: "description",
                render: (_, each) => (
                  <Described given={{ event: each.name, path: "" }} text={each.description} />
                ),
              },
              {
                title: t("catalogue.events"),
                key: "events",
                width: 110,
                align: "right",
                render: (_, each) => count(each.events),
              },
              {
                title: t("catalogue.week"),
                key: "week",
                width: 110,
                align: "right",
                render: (_, each) => count(each.last_7_days),
              },
              {
                title: t("catalogue.last"),
                key: "last",
                width: 190,
                render: (_, each) => <Moment at={each.last_at} />,
              },
            ]}
          />
        )}
      </Answer>
      <Drift />
    </Page>
  );
}

/** A description that is written where it is read. */
function Described({ given, text }: { given: Description; text: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const save = useChange({
    change: (description: string) => describe(name, { ...given, description }),
    refreshes: [["schema", name]],
    done: t("catalogue.described"),
  });
  if (!may("data")) return <span>{text || "–"}</span>;
  return (
    <Input
      variant="filled"
      aria-label={t("catalogue.describe", { what: [given.event, given.path].filter(Boolean).join(" ") })}
      defaultValue={text}
      placeholder={t("catalogue.describeHint")}
      onClick={(event) => event.stopPropagation()}
      onBlur={({ target }) => target.value !== text && save.mutate(target.value)}
    />
  );
}

function Properties({ event }: { event: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { share } = useFormats();
  const may = useMay();
  const query = useQuery(schemaPropertiesQuery(name, event));
  const flag = useChange({
    change: ({ path, pii }: { path: string; pii: boolean }) => describe(name, { event, path, pii }),
    refreshes: [["schema", name]],
  });
  return (
    <Answer query={query} height={80}>
      {({ properties }) => (
        <Rows<SchemaProperty>
          label={t("catalogue.properties", { event })}
          rows={properties}
          idOf={({ path }) => path}
          empty={<p>{t("catalogue.noProperties")}</p>}
          columns={[
            {
              title: t("catalogue.property"),
              key: "path",
              width: 180,
              render: (_, each) => <code>{each.path}</code>,
            },
            {
              title: t("catalogue.types"),
              key: "types",
              width: 120,
              render: (_, each) => Object.keys(each.types).join(", "),
            },
            {
              title: t("catalogue.share"),
              key: "share",
              width: 90,
              align: "right",
              render: (_, each) => share(each.share),
            },
            {
              title: t("catalogue.samples"),
              key: "samples",
              ellipsis: true,
              render: (_, each) => each.samples.join(" · "),
            },
            {
              title: t("catalogue.description"),
              key: "description",
              render: (_, each) => <Described given={{ event, path: each.path }} text={each.description} />,
            },
            {
              title: t("catalogue.personal"),
              key: "pii",
              width: 130,
              render: (_, each) => (
                <Switch
                  size="small"
                  aria-label={t("catalogue.personalOf", { path: each.path })}
                  checked={each.pii}
                  disabled={!may("data")}
                  onChange={(pii) => flag.mutate({ path: each.path, pii })}
                />
              ),
            },
          ]}
        />
      )}
    </Answer>
  );
}

function Drift() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { count } = useFormats();
  const query = useQuery(schemaDriftQuery(name));
  return (
    <Panel title={t("catalogue.drift")} note={t("catalogue.driftNote")}>
      <Answer query={query} height={80}>
        {({ drift }) => (
          <Rows
            label={t("catalogue.drift")}
            rows={drift}
            idOf={({ event, path, code, found }) => `${event} ${path} ${code} ${found}`}
            empty={<p>{t("catalogue.noDrift")}</p>}
            columns={[
              {
                title: t("catalogue.event"),
                key: "event",
                render: (_, { event, path }) => `${event} ${path}`,
              },
              {
                title: t("catalogue.what"),
                key: "what",
                render: (_, { code }) => t(`catalogue.driftOf.${code}`),
              },
              {
                title: t("catalogue.found"),
                key: "found",
                render: (_, { expected, found }) => [expected, found].filter(Boolean).join(" → ") || "–",
              },
              {
                title: t("catalogue.events"),
                key: "events",
                align: "right",
                render: (_, { events }) => count(events),
              },
              {
                title: t("catalogue.last"),
                key: "last",
                render: (_, { last_at }) => <Moment at={last_at} />,
              },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}
