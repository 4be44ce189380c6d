import { useQuery } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { personTagsQuery } from "@/api/people";
import { disputeTag, type Tag, tagsQuery } from "@/api/tags";
import { useMay, useWorkspace } from "@/api/workspace";
import { WhyButton } from "@/features/compute/people/WhyButton";
import { brief } from "@/lib/json";
import { Answer } from "@/ui/Answer";
import { Field, Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

/** Somebody's tags: value, rule and version, why; how they changed; and a way to say that one is wrong. */
export function TagsPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(personTagsQuery(name, id));
  const { data: defined } = useQuery(tagsQuery(name));
  const ruleOf = (tag: string): Tag | undefined => defined?.tags.find((each) => each.id === tag);
  return (
    <Answer query={query}>
      {({ values, changes }) => (
        <>
          <Rows
            label={t("nav.tags")}
            rows={Object.entries(values).map(([tag, value]) => ({ tag, value }))}
            idOf={({ tag }) => tag}
            empty={<EmptyState title={t("person.noTags")}>{t("person.noTagsText")}</EmptyState>}
            columns={[
              {
                title: t("person.tag"),
                key: "tag",
                render: (_, { tag }) => <Link to={`/w/${name}/tags/${tag}`}>{ruleOf(tag)?.name || tag}</Link>,
              },
              {
                title: t("person.value"),
                key: "value",
                render: (_, { value }) => <strong>{brief(value)}</strong>,
              },
              {
                title: t("person.version"),
                key: "version",
                width: 90,
                align: "right",
                render: (_, { tag }) => ruleOf(tag)?.version ?? "–",
              },
              {
                title: t("person.counted"),
                key: "counted",
                width: 180,
                render: (_, { tag }) => <Moment at={ruleOf(tag)?.refreshed_at} />,
              },
              {
                title: t("person.ask"),
                key: "ask",
                width: 220,
                render: (_, { tag }) => (
                  <Line>
                    <WhyButton id={id} asked={{ tag }} title={tag} />
                    <WrongButton id={id} tag={tag} />
                  </Line>
                ),
              },
            ]}
          />
          <Panel title={t("person.tagChanges")}>
            <Rows
              label={t("person.tagChanges")}
              rows={changes}
              idOf={({ tag, changed_at }) => `${tag} ${changed_at}`}
              empty={<EmptyState title={t("person.noTagChanges")}>{t("person.noTagChangesText")}</EmptyState>}
              columns={[
                {
                  title: t("person.when"),
                  key: "at",
                  width: 200,
                  render: (_, { changed_at }) => <Moment at={changed_at} />,
                },
                { title: t("person.tag"), key: "tag", render: (_, { tag }) => tag },
                {
                  title: t("person.change"),
                  key: "change",
                  render: (_, { before, after }) => `${before ?? "–"} → ${after ?? "–"}`,
                },
                { title: t("person.cause"), key: "cause", render: (_, { cause }) => cause },
              ]}
            />
          </Panel>
        </>
      )}
    </Answer>
  );
}

/** Say that a value is wrong; whoever owns the tag sees it on the tag's page. */
function WrongButton({ id, tag }: { id: string; tag: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const [note, setNote] = useState<string | null>(null);
  const dispute = useChange({
    change: (given: string) => disputeTag(name, tag, id, given),
    refreshes: [
      ["tag", name, tag],
      ["tags", name],
    ],
    done: t("person.disputed"),
    onDone: () => setNote(null),
  });
  if (!may("people:write")) return null;
  return (
    <>
      <Button size="small" aria-label={t("person.wrongOf", { tag })} onClick={() => setNote("")}>
        {t("person.wrong")}
      </Button>
      <Modal
        open={note !== null}
        title={t("person.wrongOf", { tag })}
        okText={t("person.wrong")}
        cancelText={t("action.cancel")}
        confirmLoading={dispute.isPending}
        onOk={() => dispute.mutate(note ?? "")}
        onCancel={() => setNote(null)}
      >
        <p>{t("person.wrongText")}</p>
        <Field label={t("person.note")}>
          <Input.TextArea
            value={note ?? ""}
            maxLength={500}
            onChange={({ target }) => setNote(target.value)}
          />
        </Field>
      </Modal>
    </>
  );
}
