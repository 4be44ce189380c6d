import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { type AuditEntry, auditQuery } from "@/api/access";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/access/audit/AuditPage.module.css";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { CodeBlock } from "@/ui/CodeBlock";
import { Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { useSettled } from "@/ui/useSettled";

/** Who changed what, when, from where, and how it stood before and after. */
export function AuditPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [asked, setAsked] = useSearchParams();
  const by = useSettled(asked.get("by") ?? "");
  const operation = useSettled(asked.get("operation") ?? "");
  const query = useInfiniteQuery(auditQuery(name, { by, operation }));
  const change = (key: "by" | "operation", value: string) =>
    setAsked(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(key, value);
        else after.delete(key);
        return after;
      },
      { replace: true },
    );
  return (
    <Page title={t("nav.audit")} below={t("audit.lead")}>
      <Line>
        {(["by", "operation"] as const).map((key) => (
          <Input
            key={key}
            allowClear
            aria-label={t(`audit.filter.${key}`)}
            placeholder={t(`audit.filter.${key}`)}
            defaultValue={asked.get(key) ?? ""}
            style={{ width: 260 }}
            onChange={({ target }) => change(key, target.value.trim())}
          />
        ))}
      </Line>
      <Answer query={query}>
        {({ pages }) => (
          <Rows<AuditEntry>
            label={t("nav.audit")}
            rows={pages.flatMap(({ entries }) => entries)}
            idOf={({ entry_id }) => String(entry_id)}
            empty={<EmptyState title={t("audit.emptyTitle")}>{t("audit.emptyText")}</EmptyState>}
            expanded={(entry) => <Sides entry={entry} />}
            columns={[
              { title: t("audit.when"), key: "at", width: 190, render: (_, { at }) => <Moment at={at} /> },
              {
                title: t("audit.who"),
                key: "who",
                width: 200,
                render: (_, entry) => entry.actor || t(`audit.kind.${kindOf(entry)}`),
              },
              { title: t("audit.what"), key: "what", render: (_, entry) => <code>{entry.operation}</code> },
              { title: t("audit.target"), key: "target", render: (_, { target }) => target || "–" },
              {
                title: t("audit.outcome"),
                key: "outcome",
                width: 150,
                render: (_, { outcome }) => (
                  <Badge tone={outcome === "done" ? "good" : outcome ? "bad" : "warn"}>
                    {outcome === "done" ? t("audit.done") : outcome || t("audit.brokenOff")}
                  </Badge>
                ),
              },
            ]}
          />
        )}
      </Answer>
      {query.hasNextPage && (
        <Line>
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("action.more")}
          </Button>
        </Line>
      )}
    </Page>
  );
}

const KINDS = ["member", "token", "machine"] as const;

const kindOf = ({ actor_kind }: AuditEntry) => KINDS.find((each) => each === actor_kind) ?? "machine";

function Sides({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  return (
    <div className={styles.sides}>
      {(["before", "after"] as const).map((side) => (
        <div key={side}>
          <strong>{t(`audit.side.${side}`)}</strong>
          <CodeBlock label={t(`audit.side.${side}`)} text={JSON.stringify(entry[side], null, 2)} isPlain />
        </div>
      ))}
      <p>{t("audit.address", { address: entry.address || "–", id: entry.actor_id || "–" })}</p>
    </div>
  );
}
