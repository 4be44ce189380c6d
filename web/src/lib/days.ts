const MILLISECONDS = 86_400_000;

/** The calendar day (`2026-11-22`) of an instant in a time zone. */
export function localDay(iso: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  return parts.format(new Date(iso));
}

/** The calendar day so many days later (earlier, where negative). */
export function shiftDay(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * MILLISECONDS).toISOString().slice(0, 10);
}
