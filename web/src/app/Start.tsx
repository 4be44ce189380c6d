import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams } from "react-router";
import { sessionQuery } from "@/api/session";
import { Front } from "@/app/Front";
import { preferences } from "@/lib/preferences";
import { EmptyState } from "@/ui/EmptyState";

/** Leads on: to where the session ended, else to today's page of the workspace looked at last. */
export function Start() {
  const { t } = useTranslation();
  const { workspace: named } = useParams();
  const { data: session } = useQuery(sessionQuery);
  // As it was when this began: it may be drawn again while the page it leads to is still being fetched.
  const [{ returnTo, workspace: last }] = useState(preferences.get);
  useEffect(() => preferences.set({ returnTo: null }), []);
  if (returnTo) return <Navigate to={returnTo} replace />;
  const names = session?.workspaces.map(({ name }) => name) ?? [];
  const chosen = [named, last].find((name) => name && names.includes(name)) ?? names[0];
  if (chosen) return <Navigate to={`/w/${chosen}/today`} replace />;
  return (
    <Front>
      <EmptyState title={t("workspace.noneTitle")} command="perennial init">
        {t("workspace.noneText")}
      </EmptyState>
    </Front>
  );
}
