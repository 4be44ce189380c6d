import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation } from "react-router";
import { Problem } from "@/api/problems";
import { sessionQuery } from "@/api/session";
import { Front } from "@/app/Front";
import { SessionEnded } from "@/app/SessionEnded";
import { preferences } from "@/lib/preferences";
import { Loading } from "@/ui/Loading";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** Lets in who has a session; tells everybody else how to get one. */
export function SessionGate() {
  const session = useQuery(sessionQuery);
  const { pathname, search } = useLocation();
  if (session.error instanceof Problem && session.error.status === 401) {
    if (pathname !== "/") preferences.set({ returnTo: pathname + search });
    return <SessionEnded />;
  }
  if (session.data) return <Outlet />;
  return (
    <Front>
      {session.error ? (
        <ProblemNotice error={session.error} onRetry={() => void session.refetch()} />
      ) : (
        <Loading height={120} />
      )}
    </Front>
  );
}
