import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Tag, tagTransitionsQuery } from "@/api/tags";
import { useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { BarList } from "@/ui/BarList";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Panel";
import { useFormats } from "@/ui/useFormats";

const MOST = 12;

/** How many people have each value, and how they moved in the last week that was looked at. */
export function MovementsPanel({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  if (!tag.refreshed_at) {
    return (
      <Panel title={t("tags.spread")}>
        <EmptyState title={t("tags.notCounted")}>{t("tags.notCountedText")}</EmptyState>
      </Panel>
    );
  }
  return <Movements id={tag.id} at={tag.refreshed_at} />;
}

function Movements({ id, at }: { id: string; at: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { count, instant } = useFormats();
  const query = useQuery(tagTransitionsQuery(name, id, at));
  return (
    <Panel title={t("tags.spread")} note={t("tags.spreadNote")}>
      <Answer query={query} height={160}>
        {({ moments, steps }) => {
          const last = moments.at(-1);
          const spread = Object.entries(last?.values ?? {}).sort((one, other) => other[1] - one[1]);
          const moved = steps.flatMap(({ shifts, end }) =>
            shifts.filter(({ before, after }) => before !== after).map((shift) => ({ ...shift, end })),
          );
          const most = moved.sort((one, other) => other.people - one.people).slice(0, MOST);
          return (
            <>
              <BarList
                label={t("tags.spread")}
                entries={spread
                  .slice(0, MOST)
                  .map(([value, people]) => ({ id: value, label: value, value: people }))}
              />
              {most.length > 0 && <strong>{t("tags.moves")}</strong>}
              <ul>
                {most.map(({ before, after, people, end }) => (
                  <li key={`${before} ${after} ${end}`}>
                    {t("tags.moved", {
                      count: people,
                      people: count(people),
                      before: before ?? "–",
                      after: after ?? "–",
                      end: instant(end),
                    })}
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}
