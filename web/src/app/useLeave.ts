import { useMutation, useQueryClient } from "@tanstack/react-query";
import { leaveSession, sessionQuery } from "@/api/session";

/** Log out: the session ends, and nothing that was loaded stays. */
export function useLeave(): () => void {
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: leaveSession,
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: sessionQuery.queryKey });
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
    },
  });
  return () => mutate();
}
