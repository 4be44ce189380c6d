import { useTranslation } from "react-i18next";
import type { JourneyToday } from "@/api/today";
import { Badge, type Tone } from "@/ui/Badge";

const TONES: Record<JourneyToday["state"], Tone> = { live: "good", paused: "warn", ended: "quiet" };

export function JourneyStateBadge({ state }: { state: JourneyToday["state"] }) {
  const { t } = useTranslation();
  return (
    <Badge tone={TONES[state]} hasDot>
      {t(`journey.state.${state}`)}
    </Badge>
  );
}
