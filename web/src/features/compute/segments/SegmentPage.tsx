import { EditOutlined, ReloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { refreshSegments, type Segment, segmentQuery, segmentsQuery } from "@/api/segments";
import { useMay, useWorkspace } from "@/api/workspace";
import { documentOf } from "@/features/compute/segments/document";
import { FreezeButton } from "@/features/compute/segments/FreezeButton";
import { MembersPanel } from "@/features/compute/segments/MembersPanel";
import { OverlapPanel } from "@/features/compute/segments/OverlapPanel";
import { SizesPanel } from "@/features/compute/segments/SizesPanel";
import { StandingBadge } from "@/features/compute/segments/StandingBadge";
import { writeText } from "@/lib/notation";
import { usePreferences } from "@/lib/preferences";
import { Answer } from "@/ui/Answer";
import { CodeBlock } from "@/ui/CodeBlock";
import { Columns } from "@/ui/Columns";
import { Facts } from "@/ui/Facts";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { useChange } from "@/ui/useChange";
import { useFormats } from "@/ui/useFormats";

/** A segment: what it asks, how many it has and had, who is in it, and what it shares with others. */
export function SegmentPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { segment: id = "" } = useParams();
  const query = useQuery(segmentQuery(name, id));
  if (query.data) return <Shown segment={query.data} />;
  return (
    <Page title={id} above={<Link to={`/w/${name}/segments`}>← {t("nav.segments")}</Link>}>
      <Answer query={query}>{() => null}</Answer>
    </Page>
  );
}

function Shown({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { language } = usePreferences();
  const may = useMay();
  const { data: others } = useQuery(segmentsQuery(name));
  return (
    <Page
      title={segment.name || segment.id}
      above={<Link to={`/w/${name}/segments`}>← {t("nav.segments")}</Link>}
      beside={<StandingBadge segment={segment} />}
      below={segment.sentence?.[language]}
      actions={may("define") && <Actions segment={segment} />}
    >
      {segment.problem && (
        <Alert type="error" showIcon title={t("segments.failed")} description={segment.problem} />
      )}
      <Columns aside={<AboutPanel segment={segment} />}>
        <SizesPanel id={segment.id} />
        {may("people:read") && <MembersPanel segment={segment} />}
        {(others?.segments.length ?? 0) > 1 && (
          <OverlapPanel segments={others?.segments ?? []} about={segment.id} />
        )}
      </Columns>
    </Page>
  );
}

function Actions({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const refresh = useChange({
    change: () => refreshSegments(name, [segment.id]),
    refreshes: [
      ["segment", name],
      ["segments", name],
    ],
    done: t("segments.refreshedNow"),
  });
  const hasRule = segment.kind === "live" || segment.kind === "scheduled" || !segment.kind;
  return (
    <>
      {hasRule && (
        <Button
          icon={<ReloadOutlined />}
          loading={refresh.isPending}
          onClick={() => refresh.mutate(undefined)}
        >
          {t("segments.refresh")}
        </Button>
      )}
      {hasRule && <FreezeButton segment={segment} />}
      {hasRule && (
        <Button
          type="primary"
          icon={<EditOutlined />}
          onClick={() => void navigate(`/w/${name}/segments/${segment.id}/edit`)}
        >
          {t("segments.edit")}
        </Button>
      )}
    </>
  );
}

function AboutPanel({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { count } = useFormats();
  const { people } = segment;
  return (
    <Panel title={t("segments.about")}>
      <Facts
        facts={[
          {
            label: t("segments.people"),
            value: people === null || people === undefined ? "–" : count(people),
          },
          { label: t("segments.version"), value: segment.version },
          { label: t("segments.refreshed"), value: <Moment at={segment.refreshed_at} /> },
          { label: t("segments.drift"), value: count(segment.drift ?? 0) },
        ]}
      />
      <CodeBlock label={t("segments.document")} text={writeText("yaml", documentOf(segment))} />
    </Panel>
  );
}
