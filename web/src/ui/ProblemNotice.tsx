import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { isWorthRetrying, Problem, Unreachable } from "@/api/problems";

/** What went wrong and what to do about it, with a way to try again. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const said = error instanceof Problem ? error : null;
  const canHelp = !said || isWorthRetrying(error);
  const message =
    error instanceof Unreachable ? t("problem.unreachable") : said?.message || t("problem.unexpected");
  const hint = error instanceof Unreachable ? t("problem.unreachableHint") : said?.hint || t("problem.hint");
  return (
    <Alert
      type="error"
      showIcon
      title={message}
      description={hint}
      action={
        onRetry &&
        canHelp && (
          <Button size="small" onClick={onRetry}>
            {t("action.retry")}
          </Button>
        )
      }
    />
  );
}
