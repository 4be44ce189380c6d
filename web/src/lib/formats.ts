import { type DurationUnit, readDuration } from "@/lib/durations";
import type { Language } from "@/lib/languages";

/** How numbers and times are written in one language and time zone; everything by Intl. */
export interface Formats {
  language: Language;
  count: (value: number) => string;
  /** 1.6M, 163万 */
  compact: (value: number) => string;
  /** In full while it is short, else as `compact`. */
  brief: (value: number) => string;
  /** A share of 1 as a percentage. */
  share: (value: number) => string;
  /** A relative change with its sign. */
  change: (value: number) => string;
  /** A share of 1 as a signed number of percentage points, without the unit. */
  points: (value: number) => string;
  probability: (value: number) => string;
  /** A calendar day `2026-11-22`: Sun, Nov 22 */
  day: (day: string) => string;
  shortDay: (day: string) => string;
  /** A calendar day in full, with its weekday and year. */
  longDay: (day: string) => string;
  instant: (iso: string) => string;
  /** The time of day with seconds. */
  time: (iso: string) => string;
  /** How long ago: "6 days ago". */
  ago: (iso: string, now: string) => string;
  /** A span of the journey language, `14d`, in words; what is no span is left as it is. */
  duration: (text: string) => string;
  list: (items: readonly string[]) => string;
}

const LONG = 100_000;
const DAY = { timeZone: "UTC" } as const;
const made = new Map<string, Formats>();

export function formatsOf(language: Language, timeZone: string): Formats {
  const key = `${language} ${timeZone}`;
  const known = made.get(key);
  if (known) return known;
  const formats = build(language, timeZone);
  made.set(key, formats);
  return formats;
}

function build(language: Language, timeZone: string): Formats {
  const number = (options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options);
  const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options);
  const count = number();
  const compact = number({ notation: "compact", maximumFractionDigits: 1 });
  const share = number({ style: "percent", maximumFractionDigits: 1 });
  const change = number({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const points = number({
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  const probability = number({ maximumSignificantDigits: 2 });
  const day = date({ ...DAY, weekday: "short", month: "short", day: "numeric" });
  const shortDay = date({ ...DAY, month: "short", day: "numeric" });
  const longDay = date({ ...DAY, dateStyle: "full" });
  const instant = date({ timeZone, dateStyle: "medium", timeStyle: "short" });
  const time = date({ timeZone, timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  return {
    language,
    count: (value) => count.format(value),
    compact: (value) => compact.format(value),
    brief: (value) => (value < LONG ? count : compact).format(value),
    share: (value) => share.format(value),
    change: (value) => change.format(value),
    points: (value) => points.format(value * 100),
    probability: (value) => probability.format(value),
    day: (text) => day.format(new Date(text)),
    shortDay: (text) => shortDay.format(new Date(text)),
    longDay: (text) => longDay.format(new Date(text)),
    instant: (iso) => instant.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    ago: (iso, now) => {
      const [value, unit] = coarse((Date.parse(iso) - Date.parse(now)) / 1000);
      return relative.format(value, unit);
    },
    duration: (text) => {
      const span = readDuration(text);
      return span ? unitFormat(language, span.unit).format(span.amount) : text;
    },
    list: (items) => list.format(items),
  };
}

function unitFormat(language: Language, unit: DurationUnit): Intl.NumberFormat {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
}

const STEPS: readonly [number, Intl.RelativeTimeFormatUnit][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
];

/** Seconds in the largest unit that they fill. */
function coarse(seconds: number): [number, Intl.RelativeTimeFormatUnit] {
  const step = STEPS.find(([size]) => Math.abs(seconds) >= size);
  return step ? [Math.trunc(seconds / step[0]), step[1]] : [Math.trunc(seconds), "second"];
}
