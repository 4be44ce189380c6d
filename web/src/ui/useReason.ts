import { useTranslation } from "react-i18next";

const KNOWN = [
  "no_address",
  "no_consent",
  "suppressed",
  "holdout",
  "capped",
  "quiet_hours",
  "timing",
  "expired",
  "no_template",
  "missing_variable",
  "template_failed",
  "no_provider",
  "gave_up",
  "interrupted",
  "not_handed_over",
  "no_receipt",
] as const;

/** Why a message was held, dropped or failed, in words; a reason we do not know yet keeps its own name. */
export function useReason(): (reason: string) => string {
  const { t } = useTranslation();
  return (reason) => {
    const known = KNOWN.find((each) => each === reason);
    return known ? t(`messageReason.${known}`) : reason;
  };
}
