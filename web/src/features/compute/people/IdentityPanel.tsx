import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { personIdentityQuery, unmerge } from "@/api/people";
import { useMay, useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

/** How we know that all of this is one person: names, merges with their reasons, names that were refused. */
export function IdentityPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const query = useQuery(personIdentityQuery(name, id));
  const takeBack = useChange({
    change: (profileId: string) => unmerge(name, profileId),
    refreshes: [
      ["person", name],
      ["people", name],
    ],
    done: t("person.unmerged"),
  });
  return (
    <Answer query={query}>
      {(identity) => (
        <>
          <Rows
            label={t("person.names")}
            rows={identity.names}
            idOf={({ kind, value }) => `${kind} ${value}`}
            empty={<EmptyState title={t("person.noNames")}>{t("person.noNamesText")}</EmptyState>}
            columns={[
              { title: t("person.kind"), key: "kind", render: (_, { kind }) => kind },
              { title: t("person.name"), key: "name", render: (_, { value }) => value },
              { title: t("person.since"), key: "since", render: (_, { since }) => <Moment at={since} /> },
            ]}
          />
          <Panel title={t("person.merges")}>
            <Rows
              label={t("person.merges")}
              rows={identity.merges}
              idOf={({ profile_id }) => profile_id}
              empty={<EmptyState title={t("person.noMerges")}>{t("person.noMergesText")}</EmptyState>}
              columns={[
                {
                  title: t("person.when"),
                  key: "at",
                  render: (_, { merged_at }) => <Moment at={merged_at} />,
                },
                { title: t("person.merged"), key: "merged", render: (_, { profile_id }) => profile_id },
                { title: t("person.reason"), key: "reason", render: (_, { reason }) => reason },
                {
                  title: t("person.takeBack"),
                  key: "undo",
                  render: (_, { profile_id }) =>
                    may("people:erase") && (
                      <ConfirmButton
                        size="small"
                        title={t("person.takeBackTitle")}
                        text={t("person.takeBackText", { profile: profile_id })}
                        onConfirm={() => takeBack.mutate(profile_id)}
                      >
                        {t("person.takeBack")}
                      </ConfirmButton>
                    ),
                },
              ]}
            />
          </Panel>
          {identity.refused.length > 0 && (
            <Panel title={t("person.refused")} note={t("person.refusedNote")}>
              <Rows
                label={t("person.refused")}
                rows={identity.refused}
                idOf={({ kind, value, message_id }) => `${kind} ${value} ${message_id}`}
                empty={null}
                columns={[
                  {
                    title: t("person.name"),
                    key: "name",
                    render: (_, { kind, value }) => `${kind} ${value}`,
                  },
                  { title: t("person.reason"), key: "reason", render: (_, { reason }) => reason },
                  { title: t("person.when"), key: "at", render: (_, { since }) => <Moment at={since} /> },
                ]}
              />
            </Panel>
          )}
        </>
      )}
    </Answer>
  );
}
