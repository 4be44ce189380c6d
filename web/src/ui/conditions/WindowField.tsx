import { useTranslation } from "react-i18next";
import { blankWindow, CALENDAR, windowKind } from "@/lib/conditions/windows";
import { isObject, type Json, withKey } from "@/lib/json";
import { ChoiceField, DayField, SpanField } from "@/ui/conditions/Field";

const KINDS = ["ever", "last", "calendar", "dates"] as const;

interface WindowFieldProps {
  value: Json | undefined;
  /** Undefined: ever. */
  onChange: (value: Json | undefined) => void;
}

/** When: ever, in the last so many days, this month, between two days. */
export function WindowField({ value, onChange }: WindowFieldProps) {
  const { t } = useTranslation();
  const kind = windowKind(value);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <>
      <ChoiceField
        label={t("condition.when")}
        value={kind}
        options={KINDS.map((each) => ({ value: each, label: t(`condition.window.${each}`) }))}
        onChange={(chosen) => onChange(blankWindow(chosen, today))}
      />
      {kind === "last" && <SpanField label={t("condition.when")} value={value} onChange={onChange} />}
      {isObject(value) && kind === "calendar" && (
        <ChoiceField
          label={t("condition.window.calendar")}
          value={CALENDAR.find((each) => each === value.calendar) ?? "this_month"}
          options={CALENDAR.map((each) => ({ value: each, label: t(`condition.calendar.${each}`) }))}
          onChange={(chosen) => onChange({ ...value, calendar: chosen })}
        />
      )}
      {isObject(value) && kind === "dates" && (
        <>
          <DayField
            label={t("condition.from")}
            value={value.from ?? ""}
            onChange={(day) => onChange(withKey(value, "from", day || undefined))}
          />
          <span>–</span>
          <DayField
            label={t("condition.to")}
            value={value.to ?? ""}
            onChange={(day) => onChange(withKey(value, "to", day || undefined))}
          />
        </>
      )}
    </>
  );
}
