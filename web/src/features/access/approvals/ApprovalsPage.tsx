import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Approval, approvalRulesQuery, approvalsQuery, decide, setApprovalRules } from "@/api/access";
import { useMay, useWorkspace } from "@/api/workspace";
import { Answer } from "@/ui/Answer";
import { Badge, type Tone } from "@/ui/Badge";
import { CodeBlock } from "@/ui/CodeBlock";
import { Line } from "@/ui/Columns";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

/** Changes that wait for a second person, exactly as they were sent; and what needs one. */
export function ApprovalsPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(approvalsQuery(name));
  return (
    <Page title={t("nav.approvals")} below={t("approvals.lead")}>
      <Answer query={query}>
        {({ approvals }) => (
          <Rows<Approval>
            label={t("nav.approvals")}
            rows={approvals}
            idOf={({ approval_id }) => approval_id}
            empty={<EmptyState title={t("approvals.emptyTitle")}>{t("approvals.emptyText")}</EmptyState>}
            expanded={({ sent }) => <CodeBlock label={t("approvals.sent")} text={readable(sent)} isPlain />}
            columns={[
              {
                title: t("approvals.asked"),
                key: "at",
                width: 190,
                render: (_, each) => <Moment at={each.asked_at} />,
              },
              {
                title: t("approvals.what"),
                key: "what",
                render: (_, each) => `${each.operation} ${each.target}`,
              },
              { title: t("approvals.by"), key: "by", width: 200, render: (_, each) => each.asked_by },
              {
                title: t("approvals.verdict"),
                key: "verdict",
                width: 260,
                render: (_, each) => <Verdict approval={each} />,
              },
            ]}
          />
        )}
      </Answer>
      <RulesPanel />
    </Page>
  );
}

/** What was sent, laid out where it is JSON. */
function readable(sent: string): string {
  try {
    return JSON.stringify(JSON.parse(sent), null, 2);
  } catch {
    return sent;
  }
}

const TONES: Record<string, Tone> = { approved: "good", rejected: "bad" };

function Verdict({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const change = useChange({
    change: (verdict: "approve" | "reject") => decide(name, approval.approval_id, verdict),
    refreshes: [["approvals", name]],
    done: t("approvals.decided"),
  });
  if (approval.verdict) {
    const word = approval.used_at ? "used" : approval.verdict === "approved" ? "approved" : "rejected";
    return (
      <span>
        <Badge tone={TONES[approval.verdict] ?? "quiet"}>{t(`approvals.verdictOf.${word}`)}</Badge>{" "}
        {approval.decided_by}
      </span>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a click on a button here does not open the row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the same
    <div onClick={(event) => event.stopPropagation()}>
      <Line>
        <ConfirmButton
          size="small"
          type="primary"
          title={t("approvals.approveTitle")}
          text={t("approvals.approveText", { what: `${approval.operation} ${approval.target}` })}
          onConfirm={() => change.mutate("approve")}
        >
          {t("approvals.approve")}
        </ConfirmButton>
        <Button size="small" onClick={() => change.mutate("reject")}>
          {t("approvals.reject")}
        </Button>
      </Line>
    </div>
  );
}

function RulesPanel() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const query = useQuery(approvalRulesQuery(name));
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const save = useChange({
    change: (operations: readonly string[]) => setApprovalRules(name, operations),
    refreshes: [["approval-rules", name]],
    done: t("approvals.rulesSaved"),
    onDone: () => setChosen(null),
  });
  return (
    <Panel title={t("approvals.rules")} note={t("approvals.rulesNote")}>
      <Answer query={query} height={64}>
        {({ operations, choices }) => (
          <>
            <Select<string[]>
              mode="multiple"
              aria-label={t("approvals.rules")}
              placeholder={t("approvals.nothing")}
              value={[...(chosen ?? operations)]}
              disabled={!may("owner")}
              options={choices.map((each) => ({ value: each, label: each }))}
              onChange={setChosen}
            />
            {chosen && (
              <Line>
                <Button type="primary" loading={save.isPending} onClick={() => save.mutate(chosen)}>
                  {t("action.save")}
                </Button>
                <Button onClick={() => setChosen(null)}>{t("action.cancel")}</Button>
              </Line>
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}
