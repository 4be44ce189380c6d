import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { publishRetention, retentionPreviewQuery, retentionQuery } from "@/api/privacy";
import { useMay, useWorkspace } from "@/api/workspace";
import { isObject, type JsonObject } from "@/lib/json";
import { writeText } from "@/lib/notation";
import { Answer } from "@/ui/Answer";
import { CodeBlock } from "@/ui/CodeBlock";
import { Line } from "@/ui/Columns";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { DocumentText } from "@/ui/DocumentText";
import { EmptyState } from "@/ui/EmptyState";
import { Panel } from "@/ui/Panel";
import { useChange } from "@/ui/useChange";
import { useFormats } from "@/ui/useFormats";

const BEGINNING: JsonObject = { default: "730d", events: {} };

/** For how long events are kept, and what is past now. */
export function RetentionPanel() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const query = useQuery(retentionQuery(name));
  const [draft, setDraft] = useState<JsonObject | null>(null);
  const publish = useChange({
    change: (document: JsonObject) => publishRetention(name, document),
    refreshes: [["retention", name]],
    done: t("privacy.published"),
    onDone: () => setDraft(null),
  });
  return (
    <Panel title={t("privacy.retention")} note={t("privacy.retentionNote")}>
      <Answer query={query} height={80}>
        {(live) => (
          <>
            {draft === null && live && (
              <CodeBlock
                label={t("privacy.retention")}
                text={writeText("yaml", live.document as JsonObject)}
              />
            )}
            {draft === null && !live && (
              <EmptyState title={t("privacy.notDeclared")}>{t("privacy.notDeclaredText")}</EmptyState>
            )}
            {draft !== null && (
              <DocumentText
                label={t("privacy.retention")}
                value={draft}
                onChange={(document) => isObject(document) && setDraft(document)}
              />
            )}
            {live && <Past />}
            {may("settings") && (
              <Line>
                {draft === null ? (
                  <Button onClick={() => setDraft((live?.document as JsonObject | undefined) ?? BEGINNING)}>
                    {t(live ? "privacy.change" : "privacy.declare")}
                  </Button>
                ) : (
                  <>
                    <ConfirmButton
                      type="primary"
                      loading={publish.isPending}
                      title={t("privacy.publishTitle")}
                      text={t("privacy.publishText")}
                      onConfirm={() => publish.mutate(draft)}
                    >
                      {t("privacy.publish")}
                    </ConfirmButton>
                    <Button onClick={() => setDraft(null)}>{t("action.cancel")}</Button>
                  </>
                )}
              </Line>
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Past() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { count } = useFormats();
  const { data } = useQuery(retentionPreviewQuery(name, true));
  if (!data) return null;
  return (
    <>
      <p>{t("privacy.past", { count: data.total, total: count(data.total) })}</p>
      {data.overreaching.map(({ kind, id, event, kept_days }) => (
        <p key={`${kind} ${id} ${event}`}>
          {t("privacy.overreaching", { kind, id, event, days: kept_days })}
        </p>
      ))}
    </>
  );
}
