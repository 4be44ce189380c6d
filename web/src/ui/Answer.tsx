import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loading } from "@/ui/Loading";
import { ProblemNotice } from "@/ui/ProblemNotice";

interface AnswerProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  /** About the size of what is on its way. */
  height?: number;
  children: (answer: T) => ReactNode;
}

/** What was asked of the server: its place while on the way, what went wrong, or the answer. */
export function Answer<T>({ query, height = 240, children }: AnswerProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading height={height} />;
}
