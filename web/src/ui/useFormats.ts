import { useContext } from "react";
import { WorkspaceContext } from "@/api/workspace";
import { type Formats, formatsOf } from "@/lib/formats";
import { usePreferences } from "@/lib/preferences";

/** Numbers and times as the operator reads them, in the workspace's time zone. */
export function useFormats(): Formats {
  const { language } = usePreferences();
  const workspace = useContext(WorkspaceContext);
  return formatsOf(language, workspace?.timezone ?? "UTC");
}
