import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type Segment, segmentsQuery } from "@/api/segments";
import { useMay, useWorkspace } from "@/api/workspace";
import { OverlapPanel } from "@/features/compute/segments/OverlapPanel";
import { StandingBadge } from "@/features/compute/segments/StandingBadge";
import { usePreferences } from "@/lib/preferences";
import { Answer } from "@/ui/Answer";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { useFormats } from "@/ui/useFormats";

/** Every segment: what it asks, how many are in it, and how fresh that is. */
export function SegmentsPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const may = useMay();
  const query = useQuery(segmentsQuery(name));
  const create = may("define") && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate(`/w/${name}/segments/new`)}>
      {t("segments.create")}
    </Button>
  );
  return (
    <Page title={t("nav.segments")} below={t("segments.lead")} actions={create}>
      <Answer query={query}>
        {({ segments }) => (
          <>
            <SegmentRows segments={segments} create={create} />
            {segments.length > 1 && <OverlapPanel segments={segments} />}
          </>
        )}
      </Answer>
    </Page>
  );
}

const FEW = 6;

function SegmentRows({ segments, create }: { segments: readonly Segment[]; create: React.ReactNode }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { language } = usePreferences();
  const { count } = useFormats();
  const [sought, setSought] = useState("");
  const found = segments.filter((each) =>
    `${each.id} ${each.name} ${each.sentence?.[language] ?? ""}`.toLowerCase().includes(sought.toLowerCase()),
  );
  const empty = (
    <EmptyState
      title={segments.length > 0 ? t("segments.nothingFound") : t("segments.emptyTitle")}
      action={segments.length === 0 && create}
    >
      {segments.length > 0 ? t("segments.nothingFoundText") : t("segments.emptyText")}
    </EmptyState>
  );
  return (
    <>
      {segments.length > FEW && (
        <Input.Search
          allowClear
          aria-label={t("segments.search")}
          placeholder={t("segments.search")}
          style={{ maxWidth: 360 }}
          onChange={({ target }) => setSought(target.value)}
        />
      )}
      <Rows<Segment>
        label={t("nav.segments")}
        rows={found}
        idOf={({ id }) => id}
        empty={empty}
        columns={[
          {
            title: t("segments.name"),
            key: "name",
            width: 260,
            render: (_, segment) => (
              <Link to={`/w/${name}/segments/${segment.id}`}>
                <strong>{segment.name || segment.id}</strong>
              </Link>
            ),
          },
          {
            title: t("segments.asks"),
            key: "asks",
            render: (_, { sentence, kind }) => sentence?.[language] ?? t(`segments.kind.${kind ?? "live"}`),
          },
          {
            title: t("segments.people"),
            key: "people",
            width: 110,
            align: "right",
            sorter: (one, other) => (one.people ?? -1) - (other.people ?? -1),
            render: (_, { people }) => (people === null || people === undefined ? "–" : count(people)),
          },
          {
            title: t("segments.freshness"),
            key: "freshness",
            width: 130,
            render: (_, segment) => <StandingBadge segment={segment} />,
          },
          {
            title: t("segments.refreshed"),
            key: "refreshed",
            width: 180,
            render: (_, { refreshed_at }) => <Moment at={refreshed_at} />,
          },
        ]}
      />
    </>
  );
}
