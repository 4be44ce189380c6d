import { EditOutlined, ReloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { refreshTags, type Tag, tagDisputesQuery, tagsQuery, tagValuesQuery } from "@/api/tags";
import { useMay, useWorkspace } from "@/api/workspace";
import { documentOf } from "@/features/compute/tags/document";
import { LineagePanel } from "@/features/compute/tags/LineagePanel";
import { MovementsPanel } from "@/features/compute/tags/MovementsPanel";
import { brief } from "@/lib/json";
import { writeText } from "@/lib/notation";
import { Answer } from "@/ui/Answer";
import { CodeBlock } from "@/ui/CodeBlock";
import { Columns } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Moment } from "@/ui/Moment";
import { NotFoundHere } from "@/ui/NotFoundHere";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { PersonLink } from "@/ui/PersonLink";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";
import { useFormats } from "@/ui/useFormats";

/** A tag: its rule, its values, how people moved between them, what it rests on, where it is said to err. */
export function TagPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { tag: id = "" } = useParams();
  const query = useQuery(tagsQuery(name));
  const tag = query.data?.tags.find((each) => each.id === id);
  const above = <Link to={`/w/${name}/tags`}>← {t("nav.tags")}</Link>;
  if (tag) return <Shown tag={tag} />;
  return (
    <Page title={id} above={above}>
      <Answer query={query}>{() => <NotFoundHere />}</Answer>
    </Page>
  );
}

function Shown({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const may = useMay();
  const refresh = useChange({
    change: () => refreshTags(name, [tag.id]),
    refreshes: [
      ["tags", name],
      ["tag", name],
    ],
    done: t("tags.refreshedNow"),
  });
  return (
    <Page
      title={tag.name || tag.id}
      above={<Link to={`/w/${name}/tags`}>← {t("nav.tags")}</Link>}
      below={tag.description}
      actions={
        may("define") && (
          <>
            <Button
              icon={<ReloadOutlined />}
              loading={refresh.isPending}
              onClick={() => refresh.mutate(undefined)}
            >
              {t("tags.refresh")}
            </Button>
            <Button
              type="primary"
              icon={<EditOutlined />}
              onClick={() => void navigate(`/w/${name}/tags/${tag.id}/edit`)}
            >
              {t("tags.edit")}
            </Button>
          </>
        )
      }
    >
      {tag.problem && <Alert type="error" showIcon title={t("tags.failed")} description={tag.problem} />}
      <Columns aside={<About tag={tag} />}>
        <MovementsPanel tag={tag} />
        {may("people:read") && <ValuesPanel id={tag.id} />}
        <LineagePanel id={tag.id} />
        {may("people:read") && <DisputesPanel id={tag.id} />}
      </Columns>
    </Page>
  );
}

function About({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  const { count } = useFormats();
  return (
    <Panel title={t("tags.definition")}>
      <Facts
        facts={[
          {
            label: t("tags.people"),
            value: tag.people === null || tag.people === undefined ? "–" : count(tag.people),
          },
          { label: t("tags.version"), value: tag.version },
          { label: t("tags.disputed"), value: count(tag.disputed ?? 0) },
          { label: t("tags.refreshed"), value: <Moment at={tag.refreshed_at} /> },
        ]}
      />
      <CodeBlock label={t("tags.document")} text={writeText("yaml", documentOf(tag))} />
    </Panel>
  );
}

function ValuesPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(tagValuesQuery(name, id));
  return (
    <Panel title={t("tags.values")} note={t("tags.valuesNote")}>
      <Answer query={query} height={120}>
        {({ values }) => (
          <Rows
            label={t("tags.values")}
            rows={Object.entries(values).map(([person, value]) => ({ person, value }))}
            idOf={({ person }) => person}
            height={280}
            empty={<EmptyState title={t("tags.noValues")}>{t("tags.noValuesText")}</EmptyState>}
            columns={[
              {
                title: t("tags.person"),
                key: "person",
                render: (_, { person }) => <PersonLink person={{ profile_id: person, user_id: person }} />,
              },
              { title: t("tags.value"), key: "value", render: (_, { value }) => brief(value) },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}

function DisputesPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(tagDisputesQuery(name, id));
  return (
    <Panel title={t("tags.disputes")} note={t("tags.disputesNote")}>
      <Answer query={query} height={80}>
        {({ disputes }) => (
          <Rows
            label={t("tags.disputes")}
            rows={disputes}
            idOf={({ profile_id, disputed_at }) => `${profile_id} ${disputed_at}`}
            empty={<EmptyState title={t("tags.noDisputes")}>{t("tags.noDisputesText")}</EmptyState>}
            columns={[
              {
                title: t("tags.person"),
                key: "person",
                render: (_, dispute) => <PersonLink person={dispute} />,
              },
              { title: t("tags.value"), key: "value", render: (_, { value }) => value },
              { title: t("tags.version"), key: "version", width: 90, render: (_, { version }) => version },
              { title: t("tags.note"), key: "note", render: (_, { note }) => note || "–" },
              {
                title: t("tags.when"),
                key: "when",
                width: 190,
                render: (_, { disputed_at }) => <Moment at={disputed_at} />,
              },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}
