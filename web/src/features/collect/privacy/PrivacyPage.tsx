import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Erasure, erasuresQuery } from "@/api/privacy";
import { useWorkspace } from "@/api/workspace";
import { RetentionPanel } from "@/features/collect/privacy/RetentionPanel";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { CodeBlock } from "@/ui/CodeBlock";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useFormats } from "@/ui/useFormats";

/** Whom we have forgotten, with the receipts, and for how long events are kept. */
export function PrivacyPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { count } = useFormats();
  const query = useQuery(erasuresQuery(name));
  return (
    <Page title={t("nav.privacy")} below={t("privacy.lead")}>
      <Panel title={t("privacy.erasures")} note={t("privacy.erasuresNote")}>
        <Answer query={query} height={120}>
          {({ erasures }) => (
            <Rows<Erasure>
              label={t("privacy.erasures")}
              rows={erasures}
              idOf={({ erasure_id }) => erasure_id}
              empty={<EmptyState title={t("privacy.emptyTitle")}>{t("privacy.emptyText")}</EmptyState>}
              expanded={(erasure) => <Receipt erasure={erasure} />}
              columns={[
                {
                  title: t("privacy.receipt"),
                  key: "id",
                  width: 220,
                  render: (_, each) => <code>{each.erasure_id}</code>,
                },
                {
                  title: t("privacy.state"),
                  key: "state",
                  width: 150,
                  render: (_, each) => (
                    <Badge tone={each.state === "done" ? "good" : "warn"} hasDot>
                      {each.state === "done" ? t("privacy.done") : t(`privacy.step.${each.step}`)}
                    </Badge>
                  ),
                },
                { title: t("privacy.reason"), key: "reason", render: (_, each) => each.reason || "–" },
                {
                  title: t("privacy.asked"),
                  key: "asked",
                  width: 190,
                  render: (_, each) => <Moment at={each.requested_at} />,
                },
                {
                  title: t("privacy.refusedSince"),
                  key: "since",
                  width: 130,
                  align: "right",
                  render: (_, each) => count(each.refused_since),
                },
              ]}
            />
          )}
        </Answer>
      </Panel>
      <RetentionPanel />
    </Page>
  );
}

function Receipt({ erasure }: { erasure: Erasure }) {
  const { t } = useTranslation();
  return (
    <>
      <Facts
        facts={[
          { label: t("privacy.finished"), value: <Moment at={erasure.finished_at} /> },
          {
            label: t("privacy.mayReturn"),
            value: t(erasure.allows_return ? "condition.true" : "condition.false"),
          },
        ]}
      />
      <CodeBlock
        label={t("privacy.receipt")}
        text={JSON.stringify({ erased: erasure.erased, proof: erasure.proof }, null, 2)}
      />
    </>
  );
}
