import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { changeMembers, type Segment, segmentSampleQuery } from "@/api/segments";
import { useMay, useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Panel";
import { PersonLink } from "@/ui/PersonLink";
import { useChange } from "@/ui/useChange";

/** Some of the people in a segment; on a list, a way to put people on it and take them off. */
export function MembersPanel({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const query = useQuery(segmentSampleQuery(name, segment.id));
  const everyone = `/w/${name}/people?where=${encodeURIComponent(JSON.stringify({ segment: segment.id }))}`;
  return (
    <Panel title={t("segments.members")} actions={<Link to={everyone}>{t("segments.everyone")}</Link>}>
      {segment.kind === "list" && may("people:write") && <ListForm id={segment.id} />}
      <Answer query={query} height={48}>
        {({ people }) =>
          people.length === 0 ? (
            <EmptyState title={t("segments.nobody")}>{t("segments.nobodyText")}</EmptyState>
          ) : (
            <Line>
              {people.map((person) => (
                <PersonLink key={person.profile_id} person={person} />
              ))}
            </Line>
          )
        }
      </Answer>
    </Panel>
  );
}

function ListForm({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [typed, setTyped] = useState("");
  const ids = typed.split(/[\s,，]+/).filter(Boolean);
  const change = useChange({
    change: (given: { add: readonly string[]; remove: readonly string[] }) => changeMembers(name, id, given),
    refreshes: [
      ["segment", name, id],
      ["segments", name],
    ],
    done: t("segments.listChanged"),
    onDone: () => setTyped(""),
  });
  return (
    <Line>
      <Input.TextArea
        aria-label={t("segments.listIds")}
        placeholder={t("segments.listIds")}
        value={typed}
        autoSize={{ minRows: 1, maxRows: 6 }}
        onChange={({ target }) => setTyped(target.value)}
      />
      <Button disabled={ids.length === 0} onClick={() => change.mutate({ add: ids, remove: [] })}>
        {t("segments.listAdd")}
      </Button>
      <Button disabled={ids.length === 0} onClick={() => change.mutate({ add: [], remove: ids })}>
        {t("segments.listRemove")}
      </Button>
    </Line>
  );
}
