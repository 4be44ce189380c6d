import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import type { Segment } from "@/api/segments";
import { Badge } from "@/ui/Badge";

/** How a segment is kept, or why it is not. */
export function StandingBadge({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  if (segment.failed_at) {
    return (
      <Tooltip title={segment.problem}>
        <span>
          <Badge tone="bad" hasDot>
            {t("segments.failed")}
          </Badge>
        </span>
      </Tooltip>
    );
  }
  const kind = segment.kind ?? "live";
  return (
    <Badge tone={kind === "live" ? "good" : "quiet"} hasDot={kind === "live"}>
      {t(`segments.kind.${kind}`)}
    </Badge>
  );
}
