import { useTranslation } from "react-i18next";
import { EmptyState } from "@/ui/EmptyState";

/** What the address names is not there (any more). */
export function NotFoundHere() {
  const { t } = useTranslation();
  return <EmptyState title={t("notFound.lead")}>{t("notFound.text")}</EmptyState>;
}
