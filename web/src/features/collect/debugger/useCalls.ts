import { useEffect, useState } from "react";
import { type SeenCall, watchCalls } from "@/api/debugger";

/** So many calls are kept on the page; the oldest make room. */
const MOST = 500;
const AGAIN = 3_000;

export interface NumberedCall {
  id: number;
  call: SeenCall;
}

export interface Calls {
  /** Newest first. */
  calls: readonly NumberedCall[];
  state: "opening" | "open" | "lost";
  error: unknown;
  dropped: number;
  again: () => void;
}

/** The calls of this workspace from now on; a lost stream is opened again. */
export function useCalls(workspace: string, isPaused: boolean): Calls {
  const [calls, setCalls] = useState<readonly NumberedCall[]>([]);
  const [state, setState] = useState<Calls["state"]>("opening");
  const [error, setError] = useState<unknown>(null);
  const [dropped, setDropped] = useState(0);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens the stream again
  useEffect(() => {
    if (isPaused) return undefined;
    const ending = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lose = (problem: unknown) => {
      if (ending.signal.aborted) return;
      setState("lost");
      setError(problem);
      timer = setTimeout(() => setAttempt((known) => known + 1), AGAIN);
    };
    const watching = {
      onOpen: () => {
        setState("open");
        setError(null);
      },
      onCall: (call: SeenCall) =>
        setCalls((known) => [{ id: (known[0]?.id ?? 0) + 1, call }, ...known].slice(0, MOST)),
      onDropped: (count: number) => setDropped((known) => known + count),
    };
    watchCalls(workspace, watching, ending.signal).then(() => lose(null), lose);
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [workspace, isPaused, attempt]);
  return { calls, state, error, dropped, again: () => setAttempt((known) => known + 1) };
}
