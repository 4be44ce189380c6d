import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { tagLineageQuery } from "@/api/tags";
import { useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { Facts } from "@/ui/Facts";
import { Panel } from "@/ui/Panel";

/** What a tag is made of, and what would change with it. */
export function LineagePanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(tagLineageQuery(name, id));
  const links = (area: "tags" | "segments" | "journeys", ids: readonly string[]): ReactNode =>
    ids.length === 0
      ? "–"
      : ids.map((each) => (
          <span key={each}>
            <Link to={`/w/${name}/${area}/${each}`}>{each}</Link>{" "}
          </span>
        ));
  const listed = (words: readonly string[]): ReactNode => (words.length > 0 ? words.join(", ") : "–");
  return (
    <Panel title={t("tags.lineage")}>
      <Answer query={query} height={80}>
        {({ events, traits, tags, segments, used_by }) => (
          <Facts
            facts={[
              {
                label: t("tags.fromEvents"),
                value: listed(
                  events.map(({ name: event, properties }) =>
                    properties.length > 0 ? `${event} (${properties.join(", ")})` : event,
                  ),
                ),
              },
              { label: t("tags.fromTraits"), value: listed(traits) },
              { label: t("tags.fromTags"), value: links("tags", tags) },
              { label: t("tags.fromSegments"), value: links("segments", segments) },
              { label: t("tags.usedByTags"), value: links("tags", used_by.tags) },
              { label: t("tags.usedBySegments"), value: links("segments", used_by.segments) },
              { label: t("tags.usedByJourneys"), value: links("journeys", used_by.journeys) },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}
