/** A value with what it was before and what was undone. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
}

const MOST = 200;

export function begun<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** A new value; what was undone can no longer be done again. */
export function changed<T>(history: History<T>, present: T): History<T> {
  if (JSON.stringify(present) === JSON.stringify(history.present)) return history;
  return { past: [...history.past, history.present].slice(-MOST), present, future: [] };
}

export function undone<T>({ past, present, future }: History<T>): History<T> {
  if (past.length === 0) return { past, present, future };
  return { past: past.slice(0, -1), present: past.at(-1) as T, future: [present, ...future] };
}

export function redone<T>({ past, present, future }: History<T>): History<T> {
  const [next, ...rest] = future;
  if (future.length === 0) return { past, present, future };
  return { past: [...past, present], present: next as T, future: rest };
}
