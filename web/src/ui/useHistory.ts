import { useEffect, useState } from "react";
import { begun, changed, type History, redone, undone } from "@/lib/history";

export interface Undoable<T> {
  value: T;
  set: (value: T) => void;
  /** Undefined where there is nothing to take back. */
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
  /** Begin anew: what was before is forgotten. */
  reset: (value: T) => void;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && ["INPUT", "TEXTAREA"].includes(target.tagName);

/** A value whose changes can be taken back, with Ctrl-Z and Ctrl-Shift-Z outside of text fields too. */
export function useHistory<T>(first: T): Undoable<T> {
  const [history, setHistory] = useState<History<T>>(() => begun(first));
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || isTyping(event.target))
        return;
      event.preventDefault();
      setHistory(event.shiftKey ? redone : undone);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return {
    value: history.present,
    set: (value) => setHistory((known) => changed(known, value)),
    undo: history.past.length > 0 ? () => setHistory(undone) : undefined,
    redo: history.future.length > 0 ? () => setHistory(redone) : undefined,
    reset: (value) => setHistory(begun(value)),
  };
}
