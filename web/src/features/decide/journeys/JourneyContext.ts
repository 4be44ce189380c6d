import { createContext, useContext } from "react";
import type { JourneyPicture, Readout } from "@/api/journeys";
import type { Chart } from "@/features/decide/journeys/document";
import type { JourneyWords } from "@/features/decide/journeys/useWords";

/** What the boxes of a chart are drawn from. */
export interface JourneyView {
  journey: JourneyPicture;
  chart: Chart;
  words: JourneyWords;
  readout: Readout | undefined;
}

export const JourneyContext = createContext<JourneyView | null>(null);

export function useJourney(): JourneyView {
  const view = useContext(JourneyContext);
  if (!view) throw new Error("no journey is shown here");
  return view;
}
