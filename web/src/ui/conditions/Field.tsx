import { AutoComplete, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { readSpan, UNITS } from "@/lib/conditions/windows";
import type { Json } from "@/lib/json";
import type { Choice } from "@/ui/conditions/useVocabulary";

interface NameFieldProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
}

const WIDE = 200;

/** A name that is chosen from what is known, or typed. */
export function NameField({ label, value, choices, onChange }: NameFieldProps) {
  return (
    <AutoComplete
      aria-label={label}
      value={value}
      options={[...choices]}
      style={{ width: WIDE }}
      placeholder={label}
      popupMatchSelectWidth={false}
      showSearch={{
        filterOption: (typed, choice) =>
          typed === value || (choice?.label ?? "").toLowerCase().includes(typed.toLowerCase()),
      }}
      onChange={onChange}
    />
  );
}

interface ChoiceFieldProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** One of a few words. */
export function ChoiceField<T extends string>({ label, value, options, onChange }: ChoiceFieldProps<T>) {
  return (
    <Select<T>
      aria-label={label}
      value={value}
      options={[...options]}
      popupMatchSelectWidth={false}
      onChange={onChange}
    />
  );
}

/** An amount and a unit of time. */
export function SpanField(props: {
  label: string;
  value: Json | undefined;
  onChange: (value: string) => void;
}) {
  const { label, value, onChange } = props;
  const { t } = useTranslation();
  const { amount, unit } = readSpan(value);
  return (
    <span style={{ display: "inline-flex", gap: 4 }}>
      <InputNumber
        aria-label={label}
        value={amount}
        min={1}
        precision={0}
        style={{ width: 72 }}
        onChange={(given) => onChange(`${given ?? 1}${unit}`)}
      />
      <ChoiceField
        label={t("condition.unitOf", { what: label })}
        value={unit}
        options={UNITS.map((each) => ({ value: each, label: t(`condition.unit.${each}`) }))}
        onChange={(chosen) => onChange(`${amount}${chosen}`)}
      />
    </span>
  );
}

/** A number; while it is being typed it may be none. */
export function NumberField(props: { label: string; value: Json; onChange: (value: number) => void }) {
  const { label, value, onChange } = props;
  return (
    <InputNumber
      aria-label={label}
      value={typeof value === "number" ? value : Number(value) || 0}
      style={{ width: 96 }}
      onChange={(given) => onChange(given ?? 0)}
    />
  );
}

/** A day. */
export function DayField(props: { label: string; value: Json; onChange: (value: string) => void }) {
  const { label, value, onChange } = props;
  return (
    <Input
      type={typeof value === "string" && value.length > 10 ? "text" : "date"}
      aria-label={label}
      value={typeof value === "string" ? value : ""}
      style={{ width: 150 }}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
