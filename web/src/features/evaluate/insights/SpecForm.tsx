import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import type { ReactNode } from "react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Spec } from "@/api/insights";
import {
  COUNTS,
  canBeDivided,
  eventName,
  INTERVALS,
  RANGES,
  withField,
} from "@/features/evaluate/insights/spec";
import styles from "@/ui/insights/Insights.module.css";

const WINDOWS = ["1h", "1d", "7d", "14d", "30d"] as const;
const ORDERS = ["ordered", "strict", "any"] as const;

interface FormProps {
  spec: Spec;
  events: readonly string[];
  onAsk: (spec: Spec) => void;
}

/** The question as a form: what most questions say; everything else stays as the text has it. */
export function SpecForm(props: FormProps) {
  const { t } = useTranslation();
  const { spec, onAsk } = props;
  const set = (key: string) => (value: unknown) => onAsk(withField(spec, key, value));
  const range = (spec.range as { last?: string } | undefined)?.last;
  return (
    <div className={styles.form}>
      <OwnFields {...props} />
      <Choice
        label={t("insights.range")}
        value={range}
        options={RANGES.map((value) => ({ value, label: t(`insights.ranges.${value}`) }))}
        onChange={(last) => set("range")({ last })}
      />
      <Choice
        label={t("insights.interval")}
        value={String(spec.interval ?? "day")}
        options={INTERVALS.map((value) => ({ value, label: t(`insights.intervals.${value}`) }))}
        onChange={set("interval")}
      />
      {canBeDivided(spec.kind) && (
        <Words
          label={t("insights.breakdown")}
          hint={t("insights.breakdownHint")}
          value={typeof spec.breakdown === "string" ? spec.breakdown : ""}
          onDone={set("breakdown")}
        />
      )}
      <Words
        label={t("insights.among")}
        hint={t("insights.amongHint")}
        value={typeof spec.among === "string" ? spec.among : ""}
        onDone={set("among")}
      />
    </div>
  );
}

function OwnFields({ spec, events, onAsk }: FormProps) {
  const { t } = useTranslation();
  const set = (key: string) => (value: unknown) => onAsk(withField(spec, key, value));
  const event = (key: "event" | "start" | "return" | "from" | "to") => (
    <EventField
      key={key}
      label={t(`insights.fields.${key}`)}
      value={eventName(spec[key])}
      events={events}
      onChange={set(key)}
    />
  );
  switch (spec.kind) {
    case "trend":
      return <SeriesFields spec={spec} events={events} onAsk={onAsk} />;
    case "funnel":
      return <StepFields spec={spec} events={events} onAsk={onAsk} />;
    case "retention":
      return [event("start"), event("return")];
    case "interval":
      return [event("from"), event("to")];
    case "value":
      return (
        <>
          {event("event")}
          <Words
            label={t("insights.fields.amount")}
            hint={t("insights.amountHint")}
            value={String(spec.amount ?? "")}
            onDone={set("amount")}
          />
        </>
      );
    case "lifecycle":
    case "stickiness":
    case "distribution":
      return event("event");
    default:
      return null;
  }
}

type Series = { event?: unknown; count?: unknown };

function SeriesFields({ spec, events, onAsk }: FormProps) {
  const { t } = useTranslation();
  const series = (Array.isArray(spec.series) ? spec.series : []) as Series[];
  const change = (place: number, next: Series) =>
    onAsk({ ...spec, series: series.map((one, at) => (at === place ? { ...one, ...next } : one)) });
  return (
    <>
      {series.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal series are told apart by nothing else
        <div key={`${place} ${eventName(one.event)}`} className={styles.field}>
          <EventField
            label={t("insights.series", { place: place + 1 })}
            value={eventName(one.event)}
            events={events}
            onChange={(event) => change(place, { event })}
          />
          <div className={styles.line}>
            <Select
              aria-label={t("insights.count", { place: place + 1 })}
              value={String(one.count ?? "total")}
              options={COUNTS.map((value) => ({ value, label: t(`insights.counts.${value}`) }))}
              onChange={(count) => change(place, { count })}
            />
            {series.length > 1 && (
              <Remove onClick={() => onAsk({ ...spec, series: series.filter((_, at) => at !== place) })} />
            )}
          </div>
        </div>
      ))}
      <Button
        size="small"
        icon={<PlusOutlined />}
        onClick={() => onAsk({ ...spec, series: [...series, { event: "*", count: "people" }] })}
      >
        {t("insights.addSeries")}
      </Button>
    </>
  );
}

function StepFields({ spec, events, onAsk }: FormProps) {
  const { t } = useTranslation();
  const steps: unknown[] = Array.isArray(spec.steps) ? spec.steps : [];
  const set = (next: unknown[]) => onAsk({ ...spec, steps: next });
  return (
    <>
      {steps.map((step, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step may occur twice, and steps are known by their place
        <div key={`${place} ${eventName(step)}`} className={styles.line}>
          <EventField
            label={t("insights.step", { place: place + 1 })}
            value={eventName(step)}
            events={events}
            onChange={(event) => set(steps.map((one, at) => (at === place ? event : one)))}
          />
          {steps.length > 2 && <Remove onClick={() => set(steps.filter((_, at) => at !== place))} />}
        </div>
      ))}
      <Button size="small" icon={<PlusOutlined />} onClick={() => set([...steps, events[0] ?? "*"])}>
        {t("insights.addStep")}
      </Button>
      <Choice
        label={t("insights.window")}
        value={String(spec.window ?? "14d")}
        options={WINDOWS.map((value) => ({
          value,
          label: t(`insights.windows.${value}`),
        }))}
        onChange={(window) => onAsk({ ...spec, window })}
      />
      <Choice
        label={t("insights.order")}
        value={String(spec.order ?? "ordered")}
        options={ORDERS.map((value) => ({
          value,
          label: t(`insights.orders.${value}`),
        }))}
        onChange={(order) => onAsk({ ...spec, order })}
      />
    </>
  );
}

function Remove({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return <Button type="text" icon={<DeleteOutlined />} aria-label={t("insights.remove")} onClick={onClick} />;
}

interface EventFieldProps {
  label: string;
  value: string;
  events: readonly string[];
  onChange: (event: string) => void;
}

function EventField({ label, value, events, onChange }: EventFieldProps) {
  const { t } = useTranslation();
  const known = ["*", ...events].map((each) => ({
    value: each,
    label: each === "*" ? t("insights.anyEvent") : each,
  }));
  return (
    <Labelled label={label}>
      {(id) => (
        <Select
          id={id}
          showSearch
          value={value}
          options={known}
          onChange={onChange}
          style={{ width: "100%" }}
        />
      )}
    </Labelled>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <Labelled label={label}>
      {(id) => <Select id={id} value={value ?? null} options={options} onChange={onChange} />}
    </Labelled>
  );
}

interface WordsProps {
  label: string;
  hint: string;
  value: string;
  onDone: (value: string) => void;
}

/** A word that is asked with once it is written: on Enter, or when one goes on. */
function Words({ label, hint, value, onDone }: WordsProps) {
  const done = (text: string) => {
    if (text.trim() !== value) onDone(text.trim());
  };
  return (
    <Labelled label={label}>
      {(id) => (
        <Input
          id={id}
          key={value}
          defaultValue={value}
          placeholder={hint}
          allowClear
          onBlur={(event) => done(event.target.value)}
          onPressEnter={(event) => done(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}
