import { useSyncExternalStore } from "react";

const query = globalThis.matchMedia?.("(max-width: 767px)");

function watch(listener: () => void): () => void {
  query?.addEventListener("change", listener);
  return () => query?.removeEventListener("change", listener);
}

/** Whether the window is a phone's. */
export const useIsNarrow = (): boolean => useSyncExternalStore(watch, () => query?.matches ?? false);
