import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotice } from "@/ui/useNotice";

interface ChangeOptions<A, R> {
  change: (given: A) => Promise<R>;
  /** What is no longer as it was loaded. */
  refreshes: readonly QueryKey[];
  /** Said when it is done. */
  done?: string;
  onDone?: (result: R, given: A) => void;
}

/** Something that the operator changes: what went wrong is said, and what it touched is asked for again. */
export function useChange<A, R>(options: ChangeOptions<A, R>): UseMutationResult<R, Error, A> {
  const { change, refreshes, done, onDone } = options;
  const queries = useQueryClient();
  const notice = useNotice();
  return useMutation({
    mutationFn: change,
    networkMode: "always",
    onSuccess: (result, given) => {
      for (const queryKey of refreshes) void queries.invalidateQueries({ queryKey });
      if (done) notice.done(done);
      onDone?.(result, given);
    },
    onError: (error) => notice.failed(error),
  });
}
