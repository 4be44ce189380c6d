import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parse, stringify } from "yaml";
import type { Spec } from "@/api/insights";
import { fromAddress } from "@/features/evaluate/insights/spec";
import styles from "@/ui/insights/Insights.module.css";

/** The question as text: every kind and field, in YAML or JSON. */
export function SpecText({ spec, onAsk }: { spec: Spec; onAsk: (spec: Spec) => void }) {
  const { t } = useTranslation();
  const written = stringify(spec);
  const [draft, setDraft] = useState<{ of: string; text: string }>({ of: written, text: written });
  const text = draft.of === written ? draft.text : written;
  const found = readSpec(text);
  return (
    <div className={styles.form}>
      <Input.TextArea
        className={styles.text ?? ""}
        aria-label={t("insights.asText")}
        autoSize={{ minRows: 10, maxRows: 30 }}
        value={text}
        spellCheck={false}
        status={found ? "" : "error"}
        onChange={(event) => setDraft({ of: written, text: event.target.value })}
      />
      {!found && <span role="alert">{t("insights.notASpec")}</span>}
      <Button type="primary" disabled={!found} onClick={() => found && onAsk(found)}>
        {t("insights.ask")}
      </Button>
    </div>
  );
}

function readSpec(text: string): Spec | null {
  try {
    return fromAddress(JSON.stringify(parse(text)));
  } catch {
    return null;
  }
}
