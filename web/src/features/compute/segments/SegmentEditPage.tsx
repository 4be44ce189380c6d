import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { segmentQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import { BEGINNING, documentOf } from "@/features/compute/segments/document";
import { SegmentBuilder } from "@/features/compute/segments/SegmentBuilder";
import { Answer } from "@/ui/Answer";
import { Page } from "@/ui/Page";

/** A new segment, or an existing one to be changed. */
export function SegmentEditPage() {
  const { segment: id } = useParams();
  return id ? <Existing key={id} id={id} /> : <SegmentBuilder first={BEGINNING} version={0} />;
}

function Existing({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery({ ...segmentQuery(name, id), refetchInterval: false, refetchOnWindowFocus: false });
  if (query.data)
    return <SegmentBuilder first={documentOf(query.data)} version={query.data.version} savedId={id} />;
  return (
    <Page title={t("nav.segments")}>
      <Answer query={query}>{() => null}</Answer>
    </Page>
  );
}
