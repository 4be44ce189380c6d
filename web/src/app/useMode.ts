import { useSyncExternalStore } from "react";
import { usePreferences } from "@/lib/preferences";
import type { Mode } from "@/ui/theme";

const query = globalThis.matchMedia("(prefers-color-scheme: dark)");

function watch(listener: () => void): () => void {
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

/** Light or dark, as chosen or as the system has it. */
export function useMode(): Mode {
  const { theme } = usePreferences();
  const isDark = useSyncExternalStore(watch, () => query.matches);
  if (theme !== "system") return theme;
  return isDark ? "dark" : "light";
}
