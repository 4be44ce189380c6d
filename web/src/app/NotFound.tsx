import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")}>
      <EmptyState title={t("notFound.lead")} action={<Link to="/">{t("notFound.back")}</Link>}>
        {t("notFound.text")}
      </EmptyState>
    </Page>
  );
}
