import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Reject, replayRejects } from "@/api/rejects";
import { useMay, useWorkspace } from "@/api/workspace";
import { isObject } from "@/lib/json";
import { readText } from "@/lib/notation";
import { CodeBlock } from "@/ui/CodeBlock";
import { Field, Line } from "@/ui/Columns";
import { useChange } from "@/ui/useChange";
import { useNotice } from "@/ui/useNotice";

const EXAMPLE = "event: order_paid";

/** One refused call: what was sent, what would be right, and trying it again with or without a change. */
export function FixPanel({ reject }: { reject: Reject }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const notice = useNotice();
  const [change, setChange] = useState("");
  const read = readText(change);
  const set = read.ok && isObject(read.document) ? read.document : null;
  const isFaulty = change.trim() !== "" && set === null;
  const replay = useChange({
    change: () =>
      replayRejects(name, { ids: [reject.id], ...(set ? { set } : {}) } as Parameters<
        typeof replayRejects
      >[1]),
    refreshes: [["rejects", name]],
    onDone: ({ tried, replayed, refused }) => notice.done(t("rejects.outcome", { tried, replayed, refused })),
  });
  return (
    <div style={{ display: "flex", flexDirection: "column", gap: 12 }}>
      <p>
        <strong>{reject.message}</strong> {reject.hint} {reject.path && <code>{reject.path}</code>}
      </p>
      <CodeBlock label={t("rejects.payload")} text={JSON.stringify(reject.payload, null, 2)} />
      {may("data") && !reject.replayed_at && (
        <>
          <Field label={t("rejects.change")} {...(isFaulty ? { fault: t("rejects.changeFault") } : {})}>
            <Input.TextArea
              value={change}
              autoSize={{ minRows: 1, maxRows: 8 }}
              placeholder={EXAMPLE}
              onChange={({ target }) => setChange(target.value)}
            />
          </Field>
          <Line>
            <Button
              type="primary"
              disabled={isFaulty}
              loading={replay.isPending}
              onClick={() => replay.mutate(undefined)}
            >
              {t("rejects.retry")}
            </Button>
          </Line>
        </>
      )}
    </div>
  );
}
