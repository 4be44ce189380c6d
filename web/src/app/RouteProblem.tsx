import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { Front } from "@/app/Front";
import styles from "@/app/Front.module.css";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** A page that could not be shown, for instance because its code was replaced by a newer version's. */
export function RouteProblem() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <Front>
      <h1 className={styles.title}>{t("problem.title")}</h1>
      <ProblemNotice error={error} onRetry={() => window.location.reload()} />
    </Front>
  );
}
