import { InputNumber, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { eventName, eventWhere, type Form, writeEvent } from "@/lib/conditions/forms";
import { COMPARABLE, MEASURES, needsProperty, readMeasure, writeMeasure } from "@/lib/conditions/measures";
import { readIs, readTest, type TestKind, writeIs, writeTest } from "@/lib/conditions/tests";
import { isObject, type Json, type JsonObject, withKey } from "@/lib/json";
import styles from "@/ui/conditions/conditions.module.css";
import { ChoiceField, NameField, NumberField, SpanField } from "@/ui/conditions/Field";
import { RelatedFields, SequenceFields } from "@/ui/conditions/RelatedFields";
import { TestFields } from "@/ui/conditions/TestFields";
import { useProperties, useVocabulary } from "@/ui/conditions/useVocabulary";
import { WhereFields } from "@/ui/conditions/WhereFields";
import { WindowField } from "@/ui/conditions/WindowField";

interface ClauseProps {
  form: Form;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
}

/** The fields of one question. */
export function Clause({ form, value, onChange }: ClauseProps) {
  switch (form) {
    case "did":
      return <DidFields value={value} onChange={onChange} />;
    case "measure":
      return <MeasureFields value={value} onChange={onChange} />;
    case "change":
      return <ChangeFields value={value} onChange={onChange} />;
    case "rank":
      return <RankFields value={value} onChange={onChange} />;
    case "sequence":
      return <SequenceFields value={value} onChange={onChange} />;
    case "after":
      return <RelatedFields value={value} onChange={onChange} />;
    case "seen":
      return <SeenFields value={value} onChange={onChange} />;
    default:
      return <NamedFields form={form} value={value} onChange={onChange} />;
  }
}

type Fields = Omit<ClauseProps, "form">;

type At = { at: "did" | "of" };

/** The name of the event that a part is about, under whichever key. */
function EventName({ value, onChange, at }: Fields & At) {
  const { t } = useTranslation();
  const { events } = useVocabulary();
  const event = value[at];
  return (
    <NameField
      label={t("condition.event")}
      value={eventName(event)}
      choices={[...events, { value: "*", label: t("condition.anyEvent") }]}
      onChange={(chosen) =>
        onChange({ ...value, [at]: isObject(event) ? { ...event, event: chosen } : chosen })
      }
    />
  );
}

/** The tests of that event's properties, wherever they are written. */
function EventWhere({ value, onChange, at }: Fields & At) {
  const isInside = isObject(value[at]);
  const name = eventName(value[at]);
  const beside = Array.isArray(value.where) ? value.where : [];
  const change = (tests: readonly Json[]) =>
    onChange(
      isInside
        ? { ...value, [at]: writeEvent(name, tests) }
        : withKey(value, "where", tests.length > 0 ? tests : undefined),
    );
  return <WhereFields event={name} where={isInside ? eventWhere(value[at]) : beside} onChange={change} />;
}

function DidFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  return (
    <div className={styles.flowing}>
      <EventName value={value} onChange={onChange} at="did" />
      <TestFields
        kind="number"
        test={readIs(value.times ?? ">= 1", "number")}
        onChange={(test) =>
          onChange({ ...value, times: test.operator === "between" ? ">= 1" : writeIs(test) })
        }
        operators={TIMES}
      />
      <span className={styles.word}>{t("condition.times")}</span>
      <WindowField value={value.within} onChange={(within) => onChange(withKey(value, "within", within))} />
      <EventWhere value={value} onChange={onChange} at="did" />
    </div>
  );
}

const TIMES = [">=", "<=", ">", "<", "=", "!="] as const;

/** Which aggregate, and of which property. */
function Aggregate({ value, onChange, at }: Fields & { at: "measure" | "change" | "rank" }) {
  const { t } = useTranslation();
  const { measure, property } = readMeasure(value[at]);
  const properties = useProperties(eventName(value.of));
  const known = at === "change" ? COMPARABLE : MEASURES;
  return (
    <>
      <ChoiceField
        label={t("condition.measure")}
        value={measure}
        options={known.map((each) => ({ value: each, label: t(`condition.aggregate.${each}`) }))}
        onChange={(chosen) =>
          onChange({ ...value, [at]: writeMeasure(chosen, property || (properties[0]?.value ?? "")) })
        }
      />
      {needsProperty(measure) && (
        <NameField
          label={t("condition.property")}
          value={property}
          choices={properties}
          onChange={(chosen) => onChange({ ...value, [at]: writeMeasure(measure, chosen) })}
        />
      )}
    </>
  );
}

function Tested({ kind, value, onChange }: Fields & { kind: TestKind }) {
  return (
    <TestFields
      kind={kind}
      test={readTest(value, kind) ?? { operator: "=", value: 0 }}
      onChange={(test) => onChange(writeTest(value, test, kind))}
    />
  );
}

function MeasureFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  return (
    <div className={styles.flowing}>
      <Aggregate value={value} onChange={onChange} at="measure" />
      <span className={styles.word}>{t("condition.of")}</span>
      <EventName value={value} onChange={onChange} at="of" />
      <Tested kind="number" value={value} onChange={onChange} />
      <WindowField value={value.within} onChange={(within) => onChange(withKey(value, "within", within))} />
      <EventWhere value={value} onChange={onChange} at="of" />
    </div>
  );
}

const BASELINES = ["previous", "average_of", "same_time"] as const;

function ChangeFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  const { against } = value;
  const baseline = isObject(against) ? ("average_of" in against ? "average_of" : "same_time") : "previous";
  const begin = {
    previous: "previous",
    average_of: { average_of: 4 },
    same_time: { same_time: "1w" },
  } as const;
  return (
    <div className={styles.flowing}>
      <Aggregate value={value} onChange={onChange} at="change" />
      <span className={styles.word}>{t("condition.of")}</span>
      <EventName value={value} onChange={onChange} at="of" />
      <Tested kind="change" value={value} onChange={onChange} />
      <span className={styles.word}>{t("condition.over")}</span>
      <SpanField
        label={t("condition.over")}
        value={value.over}
        onChange={(over) => onChange({ ...value, over })}
      />
      <ChoiceField
        label={t("condition.against")}
        value={baseline}
        options={BASELINES.map((each) => ({ value: each, label: t(`condition.baseline.${each}`) }))}
        onChange={(chosen) => onChange({ ...value, against: begin[chosen] })}
      />
      {isObject(against) && baseline === "average_of" && (
        <NumberField
          label={t("condition.windows")}
          value={against.average_of ?? 4}
          onChange={(given) =>
            onChange({ ...value, against: { average_of: Math.max(1, Math.round(given)) } })
          }
        />
      )}
      {isObject(against) && baseline === "same_time" && (
        <SpanField
          label={t("condition.earlier")}
          value={against.same_time}
          onChange={(given) => onChange({ ...value, against: { same_time: given } })}
        />
      )}
      <span className={styles.word}>{t("condition.floor")}</span>
      <InputNumber<number>
        aria-label={t("condition.floor")}
        value={typeof value.floor === "number" ? value.floor : null}
        placeholder="> 0"
        style={{ width: 88 }}
        onChange={(given) => onChange(withKey(value, "floor", given ?? undefined))}
      />
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the switch is inside it */}
      <label className={styles.fields}>
        <Switch
          size="small"
          checked={value.new === "include"}
          onChange={(isOn) => onChange(withKey(value, "new", isOn ? "include" : undefined))}
        />
        <span className={styles.word}>{t("condition.newcomers")}</span>
      </label>
      <EventWhere value={value} onChange={onChange} at="of" />
    </div>
  );
}

function RankFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  const side = "bottom" in value ? "bottom" : "top";
  const share = Number.parseFloat(String(value[side] ?? "10")) || 10;
  const write = (end: "top" | "bottom", percent: number) =>
    onChange({
      ...withKey(withKey(value, "top", undefined), "bottom", undefined),
      [end]: `${Math.min(100, Math.max(0, percent))}%`,
    });
  return (
    <div className={styles.flowing}>
      <ChoiceField
        label={t("condition.side")}
        value={side}
        options={(["top", "bottom"] as const).map((each) => ({ value: each, label: t(`condition.${each}`) }))}
        onChange={(chosen) => write(chosen, share)}
      />
      <NumberField label={t("condition.share")} value={share} onChange={(given) => write(side, given)} />
      <span className={styles.word}>{t("condition.percentBy")}</span>
      <Aggregate value={value} onChange={onChange} at="rank" />
      <span className={styles.word}>{t("condition.of")}</span>
      <EventName value={value} onChange={onChange} at="of" />
      <WindowField value={value.within} onChange={(within) => onChange(withKey(value, "within", within))} />
      <EventWhere value={value} onChange={onChange} at="of" />
    </div>
  );
}

function SeenFields({ value, onChange }: Fields) {
  const { t } = useTranslation();
  return (
    <div className={styles.flowing}>
      <ChoiceField
        label={t("condition.form.seen")}
        value={value.seen === "first" ? "first" : "last"}
        options={(["first", "last"] as const).map((each) => ({
          value: each,
          label: t(`condition.seen.${each}`),
        }))}
        onChange={(seen) => onChange({ ...value, seen })}
      />
      <WindowField value={value.within} onChange={(within) => onChange(withKey(value, "within", within))} />
    </div>
  );
}

type Named = "trait" | "tag" | "segment" | "consent" | "assigned";
const TEST_OF: Record<Named, TestKind | null> = {
  trait: "value",
  tag: "value",
  segment: null,
  consent: "consent",
  assigned: "word",
};
const ARMS = ["treated", "control"] as const;

/** A trait, tag, segment, consent or arm: a name, and mostly a test. */
function NamedFields({ form, value, onChange }: Fields & { form: Named }) {
  const { t } = useTranslation();
  const vocabulary = useVocabulary();
  const traits = useProperties("identify");
  const kind = TEST_OF[form];
  const name = typeof value[form] === "string" ? value[form] : "";
  const choices = {
    trait: vocabulary.traits,
    tag: vocabulary.tags,
    segment: vocabulary.segments,
    consent: CONSENT_TOPICS,
    assigned: vocabulary.journeys,
  }[form];
  const samples = form === "trait" ? (traits.find((each) => each.value === name)?.samples ?? []) : [];
  return (
    <div className={styles.flowing}>
      <NameField
        label={t(`condition.form.${form}`)}
        value={name}
        choices={choices}
        onChange={(chosen) => onChange({ ...value, [form]: chosen })}
      />
      {kind && (
        <TestFields
          kind={kind}
          test={readTest(value, kind) ?? { operator: "=", value: "" }}
          seen={form === "assigned" ? ARMS : samples}
          onChange={(test) => onChange(writeTest(value, test, kind))}
        />
      )}
    </div>
  );
}

const CONSENT_TOPICS = ["email/marketing", "sms/marketing", "push/marketing"].map((each) => ({
  value: each,
  label: each,
}));
