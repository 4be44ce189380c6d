import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import {
  OPERATORS_OF,
  type Operator,
  type Test,
  type TestKind,
  typeOf,
  type ValueType,
  valueAs,
  valueFor,
} from "@/lib/conditions/tests";
import { brief, type Json } from "@/lib/json";
import { ChoiceField, DayField, NumberField, SpanField } from "@/ui/conditions/Field";

interface TestFieldsProps {
  kind: TestKind;
  test: Test;
  onChange: (test: Test) => void;
  /** Values that were seen, to choose from. */
  seen?: readonly string[];
  /** Fewer ways to compare, where not every one makes sense. */
  operators?: readonly Operator[];
}

/** How something is compared, and with what. */
export function TestFields({ kind, test, onChange, seen = [], operators }: TestFieldsProps) {
  const { t } = useTranslation();
  const choose = (operator: Operator) => onChange({ operator, value: valueFor(operator, test.value, kind) });
  return (
    <>
      <ChoiceField
        label={t("condition.comparison")}
        value={test.operator}
        options={(operators ?? OPERATORS_OF[kind]).map((each) => ({
          value: each,
          label: t(`condition.operator.${each}`),
        }))}
        onChange={choose}
      />
      <ValueField kind={kind} test={test} seen={seen} onChange={(value) => onChange({ ...test, value })} />
    </>
  );
}

interface ValueFieldProps {
  kind: TestKind;
  test: Test;
  seen: readonly string[];
  onChange: (value: Json) => void;
}

function ValueField({ kind, test: { operator, value }, seen, onChange }: ValueFieldProps) {
  const { t } = useTranslation();
  const label = t("condition.value");
  switch (operator) {
    case "set":
    case "unset":
      return null;
    case "in_last":
    case "in_next":
      return <SpanField label={label} value={value} onChange={onChange} />;
    case "before":
    case "after":
      return <DayField label={label} value={value} onChange={onChange} />;
    case "between":
      return <BetweenField value={value} onChange={onChange} />;
    case "in":
    case "not_in":
    case "any_of":
    case "all_of":
      return <ListField value={value} seen={kind === "consent" ? CONSENTS : seen} onChange={onChange} />;
    default:
      return <OneField kind={kind} operator={operator} value={value} seen={seen} onChange={onChange} />;
  }
}

const CONSENTS = ["granted", "withdrawn"] as const;

interface OneFieldProps {
  kind: TestKind;
  operator: Operator;
  value: Json;
  seen: readonly string[];
  onChange: (value: Json) => void;
}

/** A single value: a number of ours, a consent, or whatever somebody told. */
function OneField({ kind, operator, value, seen, onChange }: OneFieldProps) {
  const { t } = useTranslation();
  const label = t("condition.value");
  if (kind === "change") return <ChangeField value={value} onChange={onChange} />;
  if (kind === "number" && typeof value === "string") {
    return <SpanField label={label} value={value} onChange={onChange} />;
  }
  if (kind === "number") return <NumberField label={label} value={value} onChange={onChange} />;
  if (kind === "consent") {
    const options = CONSENTS.map((each) => ({ value: each, label: t(`condition.consentState.${each}`) }));
    return (
      <ChoiceField
        label={label}
        value={value === "withdrawn" ? "withdrawn" : "granted"}
        options={options}
        onChange={onChange}
      />
    );
  }
  if (kind === "word") return <TextField value={value} seen={seen} onChange={onChange} />;
  return <TypedField operator={operator} value={value} seen={seen} onChange={onChange} />;
}

const TYPES: readonly ValueType[] = ["text", "number", "boolean"];
const OF_ANY_TYPE: readonly Operator[] = ["=", "!="];
const NUMERIC: readonly Operator[] = [">", ">=", "<", "<="];

function TypedField({ operator, value, seen, onChange }: Omit<OneFieldProps, "kind">) {
  const { t } = useTranslation();
  const type = typeOf(value);
  const label = t("condition.value");
  if (NUMERIC.includes(operator) && type === "number") {
    return <NumberField label={label} value={value} onChange={onChange} />;
  }
  if (!OF_ANY_TYPE.includes(operator)) return <TextField value={value} seen={seen} onChange={onChange} />;
  const change = (chosen: ValueType) => onChange(converted(chosen, value));
  return (
    <>
      <ChoiceField
        label={t("condition.valueType")}
        value={type}
        options={TYPES.map((each) => ({ value: each, label: t(`condition.type.${each}`) }))}
        onChange={change}
      />
      {type === "number" && <NumberField label={label} value={value} onChange={onChange} />}
      {type === "text" && <TextField value={value} seen={seen} onChange={onChange} />}
      {type === "boolean" && (
        <ChoiceField
          label={label}
          value={value === true ? "true" : "false"}
          options={(["true", "false"] as const).map((each) => ({
            value: each,
            label: t(`condition.${each}`),
          }))}
          onChange={(chosen) => onChange(chosen === "true")}
        />
      )}
    </>
  );
}

function converted(type: ValueType, value: Json): Json {
  if (type === "number") return Number(value) || 0;
  return type === "boolean" ? true : brief(value ?? "");
}

function TextField(props: { value: Json; seen: readonly string[]; onChange: (value: Json) => void }) {
  const { value, seen, onChange } = props;
  const { t } = useTranslation();
  const list = seen.length > 0 ? `seen-${seen.length}-${seen[0]}` : undefined;
  return (
    <>
      <Input
        aria-label={t("condition.value")}
        value={brief(value ?? "")}
        style={{ width: 180 }}
        {...(list ? { list } : {})}
        onChange={({ target }) => onChange(target.value)}
      />
      {list && (
        <datalist id={list}>
          {seen.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </>
  );
}

function ListField(props: { value: Json; seen: readonly string[]; onChange: (value: Json) => void }) {
  const { value, seen, onChange } = props;
  const { t } = useTranslation();
  const type = typeOf(value);
  return (
    <Select<string[]>
      mode="tags"
      aria-label={t("condition.values")}
      placeholder={t("condition.valuesHint")}
      value={(Array.isArray(value) ? value : []).map(brief)}
      options={seen.map((each) => ({ value: each, label: each }))}
      tokenSeparators={[",", "，", "\n"]}
      style={{ minWidth: 200 }}
      onChange={(given) => onChange(given.map((each) => valueAs(type, each)))}
    />
  );
}

function BetweenField({ value, onChange }: { value: Json; onChange: (value: Json) => void }) {
  const { t } = useTranslation();
  const [low, high] = Array.isArray(value) ? value : [0, 0];
  if (typeof low === "string" || typeof high === "string") {
    return (
      <>
        <TextField value={low ?? ""} seen={[]} onChange={(given) => onChange([given, high ?? ""])} />
        <TextField value={high ?? ""} seen={[]} onChange={(given) => onChange([low ?? "", given])} />
      </>
    );
  }
  return (
    <>
      <NumberField
        label={t("condition.lowest")}
        value={low ?? 0}
        onChange={(given) => onChange([given, high ?? 0])}
      />
      <NumberField
        label={t("condition.highest")}
        value={high ?? 0}
        onChange={(given) => onChange([low ?? 0, given])}
      />
    </>
  );
}

/** A change in percent or as a difference. */
function ChangeField({ value, onChange }: { value: Json; onChange: (value: Json) => void }) {
  const { t } = useTranslation();
  const isPercent = typeof value === "string" && value.endsWith("%");
  const amount = typeof value === "number" ? value : Number.parseFloat(String(value)) || 0;
  const options = (["percent", "difference"] as const).map((each) => ({
    value: each,
    label: t(`condition.${each}`),
  }));
  return (
    <>
      <NumberField
        label={t("condition.value")}
        value={amount}
        onChange={(given) => onChange(isPercent ? `${given}%` : given)}
      />
      <ChoiceField
        label={t("condition.changeIn")}
        value={isPercent ? "percent" : "difference"}
        options={options}
        onChange={(chosen) => onChange(chosen === "percent" ? `${amount}%` : amount)}
      />
    </>
  );
}
