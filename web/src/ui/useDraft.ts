import { useEffect } from "react";

/** Read what was being written when the page was left; null where nothing was. */
export function readDraft(key: string): string | null {
  return globalThis.sessionStorage?.getItem(`perennial.draft.${key}`) ?? null;
}

export function keepDraft(key: string, text: string | null): void {
  const name = `perennial.draft.${key}`;
  if (text === null) globalThis.sessionStorage?.removeItem(name);
  else globalThis.sessionStorage?.setItem(name, text);
}

/** Unsaved work outlives a reload, a lost network and an ended session; `null` says that nothing is unsaved. */
export function useDraft(key: string, text: string | null): void {
  useEffect(() => keepDraft(key, text), [key, text]);
}
