import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import type { Today } from "@/api/today";
import { freshnessOf } from "@/features/evaluate/today/reading";
import { Badge } from "@/ui/Badge";
import { useFormats } from "@/ui/useFormats";

/** How current the page's numbers are. */
export function FreshnessBadge({ today }: { today: Today }) {
  const { t } = useTranslation();
  const { ago, instant } = useFormats();
  const fresh = freshnessOf(today);
  switch (fresh.kind) {
    case "behind":
      return (
        <Tooltip title={t("freshness.behindHint")}>
          <span>
            <Badge tone="warn" hasDot>
              {t("freshness.behind", { count: fresh.calls })}
            </Badge>
          </span>
        </Tooltip>
      );
    case "silent":
      return (
        <Tooltip title={t("freshness.silentHint", { instant: instant(fresh.since) })}>
          <span>
            <Badge tone="warn" hasDot>
              {t("freshness.silent", { ago: ago(fresh.since, today.as_of) })}
            </Badge>
          </span>
        </Tooltip>
      );
    case "fresh":
      return (
        <Badge tone="good" hasDot>
          {fresh.isNow ? t("freshness.now") : t("freshness.fresh", { ago: ago(fresh.at, today.as_of) })}
        </Badge>
      );
    case "empty":
      return null;
  }
}
