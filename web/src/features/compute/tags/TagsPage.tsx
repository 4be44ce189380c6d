import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type Tag, tagsQuery } from "@/api/tags";
import { useMay, useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { useFormats } from "@/ui/useFormats";

/** Every tag: what it is for, how many people have a value, and whether it holds. */
export function TagsPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const may = useMay();
  const { count } = useFormats();
  const query = useQuery(tagsQuery(name));
  const create = may("define") && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate(`/w/${name}/tags/new`)}>
      {t("tags.create")}
    </Button>
  );
  return (
    <Page title={t("nav.tags")} below={t("tags.lead")} actions={create}>
      <Answer query={query}>
        {({ tags }) => (
          <Rows<Tag>
            label={t("nav.tags")}
            rows={tags}
            idOf={({ id }) => id}
            empty={
              <EmptyState title={t("tags.emptyTitle")} action={create}>
                {t("tags.emptyText")}
              </EmptyState>
            }
            columns={[
              {
                title: t("tags.name"),
                key: "name",
                width: 240,
                render: (_, tag) => (
                  <Link to={`/w/${name}/tags/${tag.id}`}>
                    <strong>{tag.name || tag.id}</strong>
                  </Link>
                ),
              },
              {
                title: t("tags.description"),
                key: "description",
                render: (_, tag) => tag.description || "–",
              },
              { title: t("tags.dimension"), key: "dimension", width: 140, render: (_, tag) => tag.dimension },
              { title: t("tags.owner"), key: "owner", width: 140, render: (_, tag) => tag.owner || "–" },
              {
                title: t("tags.people"),
                key: "people",
                width: 100,
                align: "right",
                render: (_, { people }) => (people === null || people === undefined ? "–" : count(people)),
              },
              {
                title: t("tags.refreshed"),
                key: "refreshed",
                width: 190,
                render: (_, tag) =>
                  tag.failed_at ? (
                    <Badge tone="bad">{t("tags.failed")}</Badge>
                  ) : (
                    <Moment at={tag.refreshed_at} />
                  ),
              },
            ]}
          />
        )}
      </Answer>
    </Page>
  );
}
