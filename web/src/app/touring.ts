import { preferences } from "@/lib/preferences";
import { createStore, useStore } from "@/lib/store";

const tour = createStore({ isUnderWay: false });

export const useTour = (): boolean => useStore(tour).isUnderWay;

export function startTour(): void {
  tour.set({ isUnderWay: true });
}

/** Over, or never wanted: it is not offered again. */
export function endTour(): void {
  tour.set({ isUnderWay: false });
  preferences.set({ hasSeenTour: true });
}
