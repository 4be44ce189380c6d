import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Person, personMovesQuery } from "@/api/people";
import { segmentsQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import { WhyButton } from "@/features/compute/people/WhyButton";
import { Answer } from "@/ui/Answer";
import { Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";

/** Which segments somebody is in, since when and why; and when they came and went. */
export function SegmentsPanel({ id, person }: { id: string; person: Person }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const moves = useQuery(personMovesQuery(name, id));
  return (
    <>
      <Rows
        label={t("nav.segments")}
        rows={person.segments}
        idOf={({ segment }) => segment}
        empty={<EmptyState title={t("person.noSegments")}>{t("person.noSegmentsText")}</EmptyState>}
        columns={[
          {
            title: t("person.segment"),
            key: "segment",
            render: (_, { segment }) => <SegmentLink id={segment} />,
          },
          {
            title: t("person.since"),
            key: "since",
            width: 200,
            render: (_, { entered_at }) => <Moment at={entered_at} />,
          },
          {
            title: t("why.ask"),
            key: "why",
            width: 110,
            render: (_, { segment }) => <WhyButton id={id} asked={{ segment }} title={segment} />,
          },
        ]}
      />
      <WhyNot id={id} />
      <Panel title={t("person.moves")}>
        <Answer query={moves} height={80}>
          {(known) => (
            <Rows
              label={t("person.moves")}
              rows={known.moves}
              idOf={({ segment, at, direction }) => `${segment} ${at} ${direction}`}
              empty={<EmptyState title={t("person.noMoves")}>{t("person.noMovesText")}</EmptyState>}
              columns={[
                { title: t("person.when"), key: "at", width: 200, render: (_, { at }) => <Moment at={at} /> },
                {
                  title: t("person.segment"),
                  key: "segment",
                  render: (_, { segment }) => <SegmentLink id={segment} />,
                },
                {
                  title: t("person.move"),
                  key: "move",
                  render: (_, { direction, cause }) =>
                    t("person.moved", { direction: t(`person.direction.${direction}`), cause }),
                },
              ]}
            />
          )}
        </Answer>
      </Panel>
    </>
  );
}

function SegmentLink({ id }: { id: string }) {
  const { name } = useWorkspace();
  const { data } = useQuery(segmentsQuery(name));
  const title = data?.segments.find((each) => each.id === id)?.name;
  return <Link to={`/w/${name}/segments/${id}`}>{title || id}</Link>;
}

/** Any segment at all: why somebody is in it, or is not. */
function WhyNot({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { data } = useQuery(segmentsQuery(name));
  const [segment, setSegment] = useState<string | undefined>();
  if (!data || data.segments.length === 0) return null;
  return (
    <Panel title={t("why.notTitle")}>
      <Line>
        <Select
          aria-label={t("person.segment")}
          placeholder={t("person.segment")}
          value={segment}
          style={{ minWidth: 240 }}
          options={data.segments.map((each) => ({ value: each.id, label: each.name || each.id }))}
          onChange={setSegment}
        />
        {segment && <WhyButton id={id} asked={{ segment }} title={segment} />}
      </Line>
    </Panel>
  );
}
