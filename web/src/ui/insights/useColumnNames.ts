import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/ui/useFormats";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What columns are called: words of the locale files, days as they are written here. */
export function useColumnNames(kind: string, columns: readonly string[]): string[] {
  const { t } = useTranslation();
  const { shortDay } = useFormats();
  return useMemo(
    () =>
      columns.map((column) => {
        if (DAY.test(column)) return shortDay(column);
        if (kind === "retention" && column !== "people")
          return t("insights.after", { count: Number(column) });
        return t(`insights.columns.${column}`, { defaultValue: column });
      }),
    [columns, kind, shortDay, t],
  );
}
