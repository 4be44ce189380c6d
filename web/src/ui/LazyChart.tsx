import { type ComponentProps, lazy, Suspense } from "react";
import type { Chart } from "@/ui/Chart";
import { Loading } from "@/ui/Loading";

const Drawn = lazy(() => import("@/ui/Chart").then((module) => ({ default: module.Chart })));

/** A chart; ECharts is fetched when the first one is shown. */
export function LazyChart(props: ComponentProps<typeof Chart>) {
  return (
    <Suspense fallback={<Loading height={props.height} />}>
      <Drawn {...props} />
    </Suspense>
  );
}
