import { createBrowserRouter, type RouteObject } from "react-router";
import { NotFound } from "@/app/NotFound";
import { Opening } from "@/app/Opening";
import { RouteProblem } from "@/app/RouteProblem";
import { SessionGate } from "@/app/SessionGate";
import { Start } from "@/app/Start";
import { WorkspaceShell } from "@/app/WorkspaceShell";

const builder = async () => ({
  Component: (await import("@/features/compute/segments/SegmentEditPage")).SegmentEditPage,
});

/** Who people are, and what is asked of them. */
const COMPUTE: RouteObject[] = [
  {
    path: "people",
    lazy: async () => ({ Component: (await import("@/features/compute/people")).PeoplePage }),
  },
  {
    path: "people/:person",
    lazy: async () => ({ Component: (await import("@/features/compute/people/PersonPage")).PersonPage }),
  },
  {
    path: "segments",
    lazy: async () => ({ Component: (await import("@/features/compute/segments")).SegmentsPage }),
  },
  { path: "segments/new", lazy: builder },
  { path: "segments/:segment/edit", lazy: builder },
  {
    path: "segments/:segment",
    lazy: async () => ({ Component: (await import("@/features/compute/segments/SegmentPage")).SegmentPage }),
  },
];

/** Every address of the console. Pages are fetched when they are first opened. */
export function createRoutes() {
  return createBrowserRouter([
    {
      Component: SessionGate,
      ErrorBoundary: RouteProblem,
      HydrateFallback: Opening,
      children: [
        { path: "/", Component: Start },
        {
          path: "/w/:workspace",
          Component: WorkspaceShell,
          children: [
            {
              ErrorBoundary: RouteProblem,
              children: [
                { index: true, Component: Start },
                {
                  path: "today",
                  lazy: async () => ({ Component: (await import("@/features/evaluate/today")).TodayPage }),
                },
                {
                  path: "journeys",
                  lazy: async () => ({
                    Component: (await import("@/features/decide/journeys")).JourneysPage,
                  }),
                },
                {
                  path: "journeys/:journey",
                  lazy: async () => ({
                    Component: (await import("@/features/decide/journeys/JourneyPage")).JourneyPage,
                  }),
                },
                ...COMPUTE,
                {
                  path: "insights",
                  lazy: async () => ({
                    Component: (await import("@/features/evaluate/insights")).InsightsPage,
                  }),
                },
                { path: "*", Component: NotFound },
              ],
            },
          ],
        },
        { path: "*", Component: NotFound },
      ],
    },
  ]);
}
