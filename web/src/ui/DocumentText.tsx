import { Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Json } from "@/lib/json";
import { NOTATIONS, type Notation, readText, writeText } from "@/lib/notation";
import styles from "@/ui/DocumentText.module.css";

interface DocumentTextProps {
  label: string;
  value: Json;
  /** Called with each text that can be read. */
  onChange: (value: Json) => void;
}

/** A document as text, in YAML or JSON; a text that cannot be read says at which line. */
export function DocumentText({ label, value, onChange }: DocumentTextProps) {
  const { t } = useTranslation();
  const [notation, setNotation] = useState<Notation>("yaml");
  const [typed, setTyped] = useState<{ text: string; means: string } | null>(null);
  // What was typed stands as long as it means what the document is: comments and layout stay.
  const isOwn = typed !== null && (typed.means === "" || typed.means === JSON.stringify(value));
  const text = isOwn ? typed.text : writeText(notation, value);
  const read = readText(text);
  const type = (given: string) => {
    const result = readText(given);
    setTyped({ text: given, means: result.ok ? JSON.stringify(result.document) : "" });
    if (result.ok) onChange(result.document);
  };
  const show = (chosen: Notation) => {
    setNotation(chosen);
    if (read.ok) setTyped(null);
  };
  return (
    <div className={styles.document}>
      <Segmented<Notation>
        size="small"
        aria-label={t("documentText.notation")}
        value={notation}
        options={NOTATIONS.map((each) => ({ value: each, label: each.toUpperCase() }))}
        onChange={show}
      />
      <Input.TextArea
        className={styles.text ?? ""}
        aria-label={label}
        aria-invalid={!read.ok}
        spellCheck={false}
        value={text}
        autoSize={{ minRows: 8, maxRows: 36 }}
        onChange={({ target }) => type(target.value)}
      />
      {!read.ok && (
        <p role="alert" className={styles.fault}>
          {t("documentText.fault", { line: read.line ?? "?", message: read.message })}
        </p>
      )}
    </div>
  );
}
