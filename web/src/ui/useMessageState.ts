import { useTranslation } from "react-i18next";
import { usePalette } from "@/ui/theme";

const KNOWN = ["sent", "withheld", "queued", "sending", "held", "dropped", "failed", "unknown"] as const;
type Known = (typeof KNOWN)[number];

const PLACES: Record<Known, number> = {
  sent: 0,
  withheld: 5,
  queued: 2,
  sending: 2,
  held: 1,
  dropped: 4,
  failed: 3,
  unknown: 3,
};

export interface MessageStateWords {
  label: string;
  meaning: string;
  colour: string;
}

/** A message's state in words and its colour; a state we do not know yet keeps its own name. */
export function useMessageState(): (state: string) => MessageStateWords {
  const { t } = useTranslation();
  const { series, textFaint } = usePalette();
  return (state) => {
    const known = KNOWN.find((each) => each === state);
    if (!known) return { label: state, meaning: "", colour: textFaint };
    return {
      label: t(`message.${known}.label`),
      meaning: t(`message.${known}.meaning`),
      colour: series[PLACES[known]] ?? textFaint,
    };
  };
}
