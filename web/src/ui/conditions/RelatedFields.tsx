import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input } from "antd";
import { useTranslation } from "react-i18next";
import { eventName, eventWhere, writeEvent } from "@/lib/conditions/forms";
import { brief, type Json, type JsonObject, withKey } from "@/lib/json";
import styles from "@/ui/conditions/conditions.module.css";
import { NameField, SpanField } from "@/ui/conditions/Field";
import { useVocabulary } from "@/ui/conditions/useVocabulary";
import { WhereFields } from "@/ui/conditions/WhereFields";
import { WindowField } from "@/ui/conditions/WindowField";

interface Fields {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}

const MOST_STEPS = 8;
const LEAST_STEPS = 2;

function EventFields(props: { label: string; value: Json | undefined; onChange: (value: Json) => void }) {
  const { label, value, onChange } = props;
  const { t } = useTranslation();
  const { events } = useVocabulary();
  const name = eventName(value);
  const where = eventWhere(value);
  return (
    <>
      <NameField
        label={label}
        value={name}
        choices={[...events, { value: "*", label: t("condition.anyEvent") }]}
        onChange={(chosen) => onChange(writeEvent(chosen, where))}
      />
      <WhereFields event={name} where={where} onChange={(tests) => onChange(writeEvent(name, tests))} />
    </>
  );
}

/** The property whose value is one and the same; one for each event can only be written as text. */
function SameField({ value, onChange }: Fields) {
  const { t } = useTranslation();
  const isSimple = value.same === undefined || typeof value.same === "string";
  return (
    <>
      <span className={styles.word}>{t("condition.same")}</span>
      <Input
        aria-label={t("condition.same")}
        value={value.same === undefined ? "" : brief(value.same)}
        readOnly={!isSimple}
        placeholder={t("condition.sameHint")}
        style={{ width: 160 }}
        onChange={({ target }) => onChange(withKey(value, "same", target.value || undefined))}
      />
    </>
  );
}

/** A span that may be left out. */
function OptionalSpan({ value, onChange, at }: Fields & { at: "span" | "until" }) {
  const { t } = useTranslation();
  const isThere = value[at] !== undefined;
  return (
    <>
      <Checkbox checked={isThere} onChange={() => onChange(withKey(value, at, isThere ? undefined : "7d"))}>
        {t(`condition.${at}`)}
      </Checkbox>
      {isThere && (
        <SpanField
          label={t(`condition.${at}`)}
          value={value[at]}
          onChange={(given) => onChange({ ...value, [at]: given })}
        />
      )}
    </>
  );
}

/** One thing after the other. */
export function SequenceFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  const { first } = useVocabulary();
  const steps = Array.isArray(value.sequence) ? value.sequence : [];
  const write = (sequence: readonly Json[]) => onChange({ ...value, sequence });
  return (
    <div className={styles.body}>
      {steps.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step has no name but its place
        <div key={place} className={styles.fields}>
          <span className={styles.word}>{t(place === 0 ? "condition.first" : "condition.next")}</span>
          <EventFields
            label={t("condition.step", { place: place + 1 })}
            value={step}
            onChange={(given) => write(steps.map((each, other) => (other === place ? given : each)))}
          />
          {steps.length > LEAST_STEPS && (
            <Button
              type="text"
              size="small"
              icon={<CloseOutlined />}
              aria-label={t("condition.removeStep", { place: place + 1 })}
              onClick={() => write(steps.filter((_, other) => other !== place))}
            />
          )}
        </div>
      ))}
      <div className={styles.fields}>
        <Button
          size="small"
          type="text"
          icon={<PlusOutlined />}
          disabled={steps.length >= MOST_STEPS}
          onClick={() => write([...steps, first.event])}
        >
          {t("condition.addStep")}
        </Button>
        <WindowField value={value.within} onChange={(within) => onChange(withKey(value, "within", within))} />
        <OptionalSpan value={value} onChange={onChange} at="span" />
        <SameField value={value} onChange={onChange} />
      </div>
    </div>
  );
}

/** Began and did not go on. */
export function RelatedFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  return (
    <div className={styles.body}>
      <div className={styles.fields}>
        <EventFields
          label={t("condition.event")}
          value={value.after}
          onChange={(after) => onChange({ ...value, after })}
        />
      </div>
      <div className={styles.fields}>
        <span className={styles.word}>{t("condition.without")}</span>
        <EventFields
          label={t("condition.missing")}
          value={value.without}
          onChange={(given) => onChange({ ...value, without: given })}
        />
      </div>
      <div className={styles.fields}>
        <span className={styles.word}>{t("condition.for")}</span>
        <SpanField
          label={t("condition.for")}
          value={value.for}
          onChange={(given) => onChange({ ...value, for: given })}
        />
        <OptionalSpan value={value} onChange={onChange} at="until" />
        <SameField value={value} onChange={onChange} />
      </div>
    </div>
  );
}
