import { BaseEdge, EdgeLabelRenderer, type EdgeProps, type EdgeTypes } from "@xyflow/react";
import { countsOf, shareBy } from "@/features/decide/journeys/counts";
import { useJourney } from "@/features/decide/journeys/JourneyContext";
import styles from "@/features/decide/journeys/LineEdge.module.css";
import type { PictureEdge } from "@/features/decide/journeys/picture";
import { useFormats } from "@/ui/useFormats";

/** A line of the chart: what it means, and the share of those who came that left by it. */
function LineEdge({ id, data, markerEnd }: EdgeProps<PictureEdge>) {
  const { journey, words } = useJourney();
  const { share } = useFormats();
  if (!data) return null;
  const { from, way, label } = data;
  const part = from && way && shareBy(countsOf(journey.nodes[from.id]), way.edge);
  const said = from && way ? words.way(from, way) : "";
  return (
    <>
      <BaseEdge
        id={id}
        path={data.path}
        className={(data.isAside ? styles.aside : styles.line) ?? ""}
        {...(markerEnd && !data.isAside ? { markerEnd } : {})}
      />
      {(said || typeof part === "number") && (
        <EdgeLabelRenderer>
          <div
            className={styles.label}
            style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)` }}
          >
            {said && (
              <span className={styles.said} title={said}>
                {said}
              </span>
            )}
            {typeof part === "number" && <b>{share(part)}</b>}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

export const EDGE_TYPES: EdgeTypes = { line: LineEdge };
