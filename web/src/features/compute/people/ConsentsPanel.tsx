import { useQuery } from "@tanstack/react-query";
import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Person, personConsentsQuery, recordConsent } from "@/api/people";
import { useMay, useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { Field, FieldGrid } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

type State = "granted" | "withdrawn";
const STATES: readonly State[] = ["granted", "withdrawn"];

/** What somebody agreed to: every statement with its proof, and a way to note what they said. */
export function ConsentsPanel({ id, person }: { id: string; person: Person }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const query = useQuery(personConsentsQuery(name, id));
  return (
    <>
      <Answer query={query}>
        {({ consents }) => (
          <Rows
            label={t("person.consents")}
            rows={consents}
            idOf={({ message_id, channel, topic }) => `${message_id} ${channel}/${topic}`}
            empty={<EmptyState title={t("person.noConsents")}>{t("person.noConsentsText")}</EmptyState>}
            columns={[
              {
                title: t("person.when"),
                key: "at",
                width: 200,
                render: (_, { occurred_at }) => <Moment at={occurred_at} />,
              },
              {
                title: t("person.topic"),
                key: "topic",
                render: (_, { channel, topic }) => `${channel}/${topic}`,
              },
              {
                title: t("person.state"),
                key: "state",
                render: (_, { state }) => (
                  <Badge tone={state === "granted" ? "good" : "bad"}>
                    {t(`condition.consentState.${state}`)}
                  </Badge>
                ),
              },
              { title: t("person.proof"), key: "proof", render: (_, { proof }) => proof || "–" },
              { title: t("person.source"), key: "source", render: (_, { source }) => source },
            ]}
          />
        )}
      </Answer>
      {may("people:write") && person.user_id && <ConsentForm id={person.user_id} viewed={id} />}
    </>
  );
}

function ConsentForm({ id, viewed }: { id: string; viewed: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [consent, setConsent] = useState("email/marketing");
  const [state, setState] = useState<State>("granted");
  const [proof, setProof] = useState("");
  const record = useChange({
    change: () => recordConsent(name, id, { consent, state, proof }),
    refreshes: [["person", name, viewed]],
    done: t("person.consentNoted"),
    onDone: () => setProof(""),
  });
  return (
    <Panel title={t("person.noteConsent")} note={t("person.noteConsentNote")}>
      <FieldGrid>
        <Field label={t("person.topic")}>
          <Input value={consent} onChange={({ target }) => setConsent(target.value)} />
        </Field>
        <Field label={t("person.proof")}>
          <Input
            value={proof}
            placeholder={t("person.proofHint")}
            onChange={({ target }) => setProof(target.value)}
          />
        </Field>
        <div>
          <Segmented<State>
            aria-label={t("person.state")}
            value={state}
            options={STATES.map((each) => ({ value: each, label: t(`condition.consentState.${each}`) }))}
            onChange={setState}
          />{" "}
          <Button disabled={!proof} loading={record.isPending} onClick={() => record.mutate(undefined)}>
            {t("person.noteIt")}
          </Button>
        </div>
      </FieldGrid>
    </Panel>
  );
}
