import type { Edge, Node } from "@xyflow/react";
import type { Chart, Step, Way } from "@/features/decide/journeys/document";
import { BOX, type Line, layOut, type Point } from "@/features/decide/journeys/layout";

export const ENTRY = "$entry";
export const ARMS = "$arms";
export const GOAL = "$goal";
export const LEAVE = "$leave";

export type PictureNode =
  | Node<{ step: Step }, "step">
  | Node<Record<string, never>, "entry" | "arms" | "goal" | "leave">;

export type PictureEdge = Edge<
  { path: string; label: Point; from: Step | null; way: Way | null; isAside: boolean },
  "line"
>;

export interface Picture {
  nodes: PictureNode[];
  edges: PictureEdge[];
  width: number;
  height: number;
  /** Where the entry stands, from the left. */
  middle: number;
}

const ASIDE = 56;
const LABEL = 24;
/** Where a word or a sentence stands above the share. */
const NAMED_LABEL = 36;
const SAID_LABEL = 46;

/**
 * The chart as boxes and lines. Entry, and the arms where there is a control group, stand above the first step;
 * the goal and the early ways out stand beside them, since they can happen at any step. On a narrow screen
 * they stand below.
 */
export function pictureOf(chart: Chart, isNarrow: boolean): Picture {
  const hasArms = chart.control !== "none";
  const heads = hasArms ? [ENTRY, ARMS] : [ENTRY];
  const lines = [...headLines(heads, chart.start), ...chart.steps.flatMap(stepLines)];
  const placed = layOut(
    [...heads, ...chart.steps.map(({ id }) => id)],
    lines.map(({ line }) => line),
  );
  const asides = [chart.goal ? GOAL : null, chart.exits.length + chart.leaving > 0 ? LEAVE : null].filter(
    (id) => id !== null,
  );
  const entry = placed.boxes.get(ENTRY) ?? { x: 0, y: 0 };
  const rank = (placed.boxes.get(hasArms ? ARMS : chart.start)?.y ?? BOX.height + ASIDE) - entry.y;
  const first = isNarrow
    ? { x: entry.x, y: placed.height + ASIDE }
    : { x: entry.x + BOX.width + ASIDE, y: entry.y };
  const sources = new Map(lines.map((each) => [each.line.id, each]));
  return {
    nodes: [
      ...heads.map((id): PictureNode => headNode(id, placed.boxes.get(id))),
      ...asides.map((id, place): PictureNode => headNode(id, { x: first.x, y: first.y + place * rank })),
      ...chart.steps.map(
        (step): PictureNode => ({
          id: step.id,
          type: "step",
          position: placed.boxes.get(step.id) ?? { x: 0, y: 0 },
          data: { step },
          ...BOX,
        }),
      ),
    ],
    edges: [
      ...placed.lines.map((line): PictureEdge => {
        const { from = null, way = null } = sources.get(line.id) ?? {};
        return drawn(line, { path: line.path, label: line.label, from, way, isAside: false });
      }),
      ...(isNarrow ? [] : asides.map((id, place) => asideLine(id, entry, first.x, place * rank))),
    ],
    width: Math.max(placed.width, asides.length > 0 ? first.x + BOX.width : 0),
    height: Math.max(placed.height, first.y + (asides.length - 1) * rank + BOX.height),
    middle: entry.x + BOX.width / 2,
  };
}

interface SourcedLine {
  line: Line;
  from: Step | null;
  way: Way | null;
}

function headLines(heads: readonly string[], start: string): SourcedLine[] {
  return [...heads, start].slice(1).map((to, place) => ({
    line: { id: `${heads[place]}>${to}`, from: heads[place] ?? ENTRY, to, labelHeight: 0 },
    from: null,
    way: null,
  }));
}

function stepLines(step: Step): SourcedLine[] {
  const labelHeight = step.kind === "branch" ? SAID_LABEL : step.kind === "split" ? NAMED_LABEL : LABEL;
  return step.ways.map((way) => ({
    line: {
      id: `${step.id}:${way.edge}`,
      from: step.id,
      to: way.to,
      labelHeight,
    },
    from: step,
    way,
  }));
}

function headNode(id: string, position: Point = { x: 0, y: 0 }): PictureNode {
  const type = id === ENTRY ? "entry" : id === ARMS ? "arms" : id === GOAL ? "goal" : "leave";
  return { id, type, position, data: {}, ...BOX };
}

function drawn(
  line: { id: string; from: string; to: string },
  data: PictureEdge["data"] & object,
): PictureEdge {
  return { id: line.id, source: line.from, target: line.to, type: "line", data };
}

/** A dashed line from the entry to what may happen at any time. */
function asideLine(id: string, entry: Point, asideX: number, below: number): PictureEdge {
  const from = { x: entry.x + BOX.width, y: entry.y + BOX.height / 2 };
  const to = { x: asideX, y: from.y + below };
  const middle = (from.x + to.x) / 2;
  const bend = below > 0 ? `L${middle} ${from.y}L${middle} ${to.y}` : "";
  const path = `M${from.x} ${from.y}${bend}L${to.x} ${to.y}`;
  return drawn(
    { id: `${ENTRY}>${id}`, from: ENTRY, to: id },
    { path, label: to, from: null, way: null, isAside: true },
  );
}
