import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { rulesOf, textOf, valuesOf } from "@/features/compute/tags/document";
import styles from "@/features/compute/tags/TagForm.module.css";
import { asGroup, blank } from "@/lib/conditions/forms";
import { brief, type JsonObject, withKey } from "@/lib/json";
import { Field, FieldGrid } from "@/ui/Columns";
import { ConditionEditor } from "@/ui/conditions/ConditionEditor";
import { useVocabulary } from "@/ui/conditions/useVocabulary";
import { EmptyState } from "@/ui/EmptyState";

interface TagFormProps {
  document: JsonObject;
  onChange: (document: JsonObject) => void;
  isSaved: boolean;
}

/** A tag's names, and its named values, each with its condition; the first that holds gives the value. */
export function TagForm({ document, onChange, isSaved }: TagFormProps) {
  const { t } = useTranslation();
  const set = (key: string) => (text: string) => onChange(withKey(document, key, text));
  const values = valuesOf(document);
  return (
    <>
      <FieldGrid>
        <Field label={t("tags.id")}>
          <Input
            value={textOf(document, "id")}
            disabled={isSaved}
            maxLength={64}
            onChange={({ target }) => set("id")(target.value.replace(/[^\w-]/g, "_"))}
          />
        </Field>
        <Field label={t("tags.name")}>
          <Input value={textOf(document, "name")} onChange={({ target }) => set("name")(target.value)} />
        </Field>
        <Field label={t("tags.owner")}>
          <Input
            value={textOf(document, "owner")}
            onChange={({ target }) => onChange(withKey(document, "owner", target.value || undefined))}
          />
        </Field>
        <Field label={t("tags.description")}>
          <Input
            value={textOf(document, "description")}
            onChange={({ target }) => onChange(withKey(document, "description", target.value || undefined))}
          />
        </Field>
      </FieldGrid>
      {values ? (
        <Values document={document} values={values} onChange={onChange} />
      ) : (
        <EmptyState title={t("tags.otherRule")}>{t("tags.otherRuleText")}</EmptyState>
      )}
    </>
  );
}

interface ValuesProps {
  document: JsonObject;
  values: readonly JsonObject[];
  onChange: (document: JsonObject) => void;
}

function Values({ document, values, onChange }: ValuesProps) {
  const { t } = useTranslation();
  const { first } = useVocabulary();
  const write = (changed: readonly JsonObject[]) => onChange({ ...document, values: changed });
  const replace = (place: number, value: JsonObject) =>
    write(values.map((each, other) => (other === place ? value : each)));
  return (
    <>
      {values.map((value, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a value has no name but its place while it is written
        <div key={place} className={styles.value}>
          <div className={styles.head}>
            <Input
              aria-label={t("tags.valueOf", { place: place + 1 })}
              value={brief(value.value ?? "")}
              style={{ maxWidth: 240 }}
              onChange={({ target }) => replace(place, { ...value, value: target.value })}
            />
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t("tags.removeValue", { place: place + 1 })}
              onClick={() => write(values.filter((_, other) => other !== place))}
            />
          </div>
          {rulesOf(value).map((rule) => (
            <div key={rule}>
              <span className={styles.rule}>{t(`tags.ruleOf.${rule}`)}</span>
              <ConditionEditor
                value={asGroup(value[rule] ?? {})}
                path={`$.values[${place}].${rule}`}
                onChange={(condition) => replace(place, { ...value, [rule]: condition })}
              />
            </div>
          ))}
        </div>
      ))}
      <div className={styles.head}>
        <Button
          icon={<PlusOutlined />}
          onClick={() => write([...values, { value: `value_${values.length + 1}`, if: blank("did", first) }])}
        >
          {t("tags.addValue")}
        </Button>
        <span style={{ flex: 1 }} />
        <span className={styles.rule}>{t("tags.else")}</span>
        <Input
          aria-label={t("tags.else")}
          value={textOf(document, "else")}
          style={{ width: 180 }}
          onChange={({ target }) => onChange(withKey(document, "else", target.value || undefined))}
        />
      </div>
    </>
  );
}
