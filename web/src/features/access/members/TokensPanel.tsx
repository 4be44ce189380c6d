import { useQuery } from "@tanstack/react-query";
import { Button, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createToken, revokeToken, type Token, tokensQuery } from "@/api/access";
import { useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { CodeBlock } from "@/ui/CodeBlock";
import { Field } from "@/ui/Columns";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

const SCOPES = [
  "look",
  "people:read",
  "people:write",
  "people:erase",
  "define",
  "publish",
  "send",
  "data",
  "import",
  "export",
  "settings",
  "audit",
] as const;

/** Which scripts may do what, and until when. */
export function TokensPanel() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(tokensQuery(name));
  const revoke = useChange({
    change: (id: string) => revokeToken(name, id),
    refreshes: [["tokens", name]],
    done: t("tokens.revoked"),
  });
  return (
    <Panel title={t("tokens.title")} note={t("tokens.note")} actions={<CreateButton />}>
      <Answer query={query} height={80}>
        {({ tokens }) => (
          <Rows<Token>
            label={t("tokens.title")}
            rows={tokens}
            idOf={({ token_id }) => token_id}
            empty={<EmptyState title={t("tokens.emptyTitle")}>{t("tokens.emptyText")}</EmptyState>}
            columns={[
              {
                title: t("tokens.name"),
                key: "name",
                render: (_, token) => <strong>{token.name || "–"}</strong>,
              },
              {
                title: t("tokens.scopes"),
                key: "scopes",
                render: (_, { scopes }) => scopes.join(", ") || t("tokens.all"),
              },
              {
                title: t("tokens.made"),
                key: "made",
                width: 190,
                render: (_, each) => <Moment at={each.created_at} />,
              },
              {
                title: t("tokens.until"),
                key: "until",
                width: 190,
                render: (_, each) => <Moment at={each.expires_at} />,
              },
              {
                title: t("members.do"),
                key: "do",
                width: 120,
                render: (_, { token_id, name: title }) => (
                  <ConfirmButton
                    size="small"
                    isDangerous
                    title={t("tokens.revokeTitle", { name: title })}
                    text={t("tokens.revokeText")}
                    onConfirm={() => revoke.mutate(token_id)}
                  >
                    {t("tokens.revoke")}
                  </ConfirmButton>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}

function CreateButton() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [isOpen, setOpen] = useState(false);
  const [title, setTitle] = useState("");
  const [scopes, setScopes] = useState<string[]>(["look"]);
  const [days, setDays] = useState<number | null>(90);
  const [made, setMade] = useState<string | null>(null);
  const create = useChange({
    change: () => createToken(name, title, scopes, days),
    refreshes: [["tokens", name]],
    onDone: ({ token }) => {
      setOpen(false);
      setMade(token);
    },
  });
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("tokens.create")}
      </Button>
      <Modal
        open={isOpen}
        title={t("tokens.create")}
        okText={t("tokens.create")}
        cancelText={t("action.cancel")}
        okButtonProps={{ disabled: !title || scopes.length === 0 }}
        confirmLoading={create.isPending}
        onOk={() => create.mutate(undefined)}
        onCancel={() => setOpen(false)}
      >
        <Field label={t("tokens.name")}>
          <Input value={title} onChange={({ target }) => setTitle(target.value)} />
        </Field>
        <Field label={t("tokens.scopes")}>
          <Select<string[]>
            mode="multiple"
            aria-label={t("tokens.scopes")}
            value={scopes}
            options={SCOPES.map((each) => ({ value: each, label: each }))}
            onChange={setScopes}
          />
        </Field>
        <Field label={t("tokens.days")}>
          <InputNumber min={1} value={days} placeholder={t("tokens.forever")} onChange={setDays} />
        </Field>
      </Modal>
      <Modal open={made !== null} title={t("tokens.madeTitle")} footer={null} onCancel={() => setMade(null)}>
        <p>{t("tokens.madeText")}</p>
        <CodeBlock label={t("tokens.title")} text={made ?? ""} />
      </Modal>
    </>
  );
}
