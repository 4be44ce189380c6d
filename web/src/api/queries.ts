import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isWorthRetrying, Problem } from "@/api/problems";
import { sessionQuery } from "@/api/session";

const MOST_RETRIES = 2;

/** Keeps what was asked, asks again where that may help, and notices when the session has ended. */
export function createQueries(): QueryClient {
  const notice = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) {
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    }
  };
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== sessionQuery.queryKey[0]) notice(error);
      },
    }),
    mutationCache: new MutationCache({ onError: notice }),
    defaultOptions: {
      queries: {
        // Our own server on this machine is reachable without a network.
        networkMode: "always",
        retry: (failures, error) => failures < MOST_RETRIES && isWorthRetrying(error),
        staleTime: 10_000,
      },
    },
  });
  return queries;
}
