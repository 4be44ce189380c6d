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

const tagEditor = async () => ({
  Component: (await import("@/features/compute/tags/TagEditPage")).TagEditPage,
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
  { path: "tags", lazy: async () => ({ Component: (await import("@/features/compute/tags")).TagsPage }) },
  { path: "tags/new", lazy: tagEditor },
  { path: "tags/:tag/edit", lazy: tagEditor },
  {
    path: "tags/:tag",
    lazy: async () => ({ Component: (await import("@/features/compute/tags/TagPage")).TagPage }),
  },
];

/** What comes in. */
const COLLECT: RouteObject[] = [
  {
    path: "sources",
    lazy: async () => ({ Component: (await import("@/features/collect/sources")).SourcesPage }),
  },
  { path: "live", lazy: async () => ({ Component: (await import("@/features/collect/debugger")).LivePage }) },
  {
    path: "rejects",
    lazy: async () => ({ Component: (await import("@/features/collect/rejects")).RejectsPage }),
  },
  {
    path: "catalogue",
    lazy: async () => ({ Component: (await import("@/features/collect/catalogue")).CataloguePage }),
  },
  {
    path: "privacy",
    lazy: async () => ({ Component: (await import("@/features/collect/privacy")).PrivacyPage }),
  },
];

/** Who may what, who did what, and whether all is well. */
const CONTROL: RouteObject[] = [
  {
    path: "members",
    lazy: async () => ({ Component: (await import("@/features/access/members")).MembersPage }),
  },
  {
    path: "approvals",
    lazy: async () => ({ Component: (await import("@/features/access/approvals")).ApprovalsPage }),
  },
  { path: "audit", lazy: async () => ({ Component: (await import("@/features/access/audit")).AuditPage }) },
  {
    path: "health",
    lazy: async () => ({ Component: (await import("@/features/runtime/doctor")).HealthPage }),
  },
];

/** Every address of the console. Pages are fetched when they are first opened. */
export function createRoutes() {
  return createBrowserRouter([
    {
      // Opens to whoever was given the link, without a session.
      path: "/shared/:workspace",
      ErrorBoundary: RouteProblem,
      HydrateFallback: Opening,
      lazy: async () => ({ Component: (await import("@/features/evaluate/boards/SharedPage")).SharedPage }),
    },
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
                {
                  path: "boards",
                  lazy: async () => ({ Component: (await import("@/features/evaluate/boards")).BoardsPage }),
                },
                {
                  path: "boards/:board",
                  lazy: async () => ({
                    Component: (await import("@/features/evaluate/boards/BoardPage")).BoardPage,
                  }),
                },
                ...COLLECT,
                ...CONTROL,
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
