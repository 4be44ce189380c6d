import { LANGUAGES, type Language, preferredLanguage } from "@/lib/languages";
import { createStore, useStore } from "@/lib/store";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];

/** What one browser remembers of its operator. */
export interface Preferences {
  language: Language;
  theme: Theme;
  /** The workspace that was looked at last. */
  workspace: string | null;
  /** Where to return to after the session had ended. */
  returnTo: string | null;
  /** Whether the tour was taken or declined. */
  hasSeenTour: boolean;
}

const KEY = "perennial.preferences";

/** Stored preferences; whatever is missing or not understood takes its default. */
export function readPreferences(stored: string | null, browserLanguages: readonly string[]): Preferences {
  const found = parsed(stored);
  return {
    language: oneOf(LANGUAGES, found.language) ?? preferredLanguage(browserLanguages),
    theme: oneOf(THEMES, found.theme) ?? "system",
    workspace: typeof found.workspace === "string" ? found.workspace : null,
    returnTo: typeof found.returnTo === "string" ? found.returnTo : null,
    hasSeenTour: found.hasSeenTour === true,
  };
}

function parsed(stored: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((each) => each === value);
}

export const preferences = createStore(
  readPreferences(globalThis.localStorage?.getItem(KEY) ?? null, globalThis.navigator?.languages ?? []),
  (value) => globalThis.localStorage?.setItem(KEY, JSON.stringify(value)),
);

export const usePreferences = (): Preferences => useStore(preferences);
