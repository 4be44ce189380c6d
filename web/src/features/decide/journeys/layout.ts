import { Graph, layout } from "@dagrejs/dagre";

export interface Point {
  x: number;
  y: number;
}

export interface Line {
  id: string;
  from: string;
  to: string;
  /** Height of what is written on it; 0 for nothing. */
  labelHeight: number;
}

export interface PlacedLine extends Line {
  path: string;
  label: Point;
}

export interface Placed {
  /** Left upper corners. */
  boxes: Map<string, Point>;
  lines: readonly PlacedLine[];
  width: number;
  height: number;
}

export const BOX = { width: 264, height: 116 } as const;
const LABEL_WIDTH = 176;
const ABOVE_BELOW = 32;
const BESIDE = 40;
const BEND = 14;
const CORNER = 8;

/** Boxes in ranks from above to below, lines as right-angled paths with round corners that meet before a box. */
export function layOut(ids: readonly string[], lines: readonly Line[]): Placed {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", ranksep: ABOVE_BELOW, nodesep: BESIDE, edgesep: BESIDE });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { ...BOX });
  const drawn = lines.filter(({ from, to }) => graph.hasNode(from) && graph.hasNode(to));
  for (const { id, from, to, labelHeight } of drawn) {
    const label = { width: labelHeight ? LABEL_WIDTH : 0, height: labelHeight, labelpos: "c" };
    graph.setEdge(from, to, label, id);
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const isMirrored = isBackwards(graph, drawn);
  const turned = ({ x, y }: Point): Point => ({ x: isMirrored ? width - x : x, y });
  const centre = (id: string): Point => turned(graph.node(id) as Point);
  return {
    boxes: new Map(
      ids.map((id) => [id, { x: centre(id).x - BOX.width / 2, y: centre(id).y - BOX.height / 2 }]),
    ),
    lines: drawn.map((line) => {
      const edge = graph.edge(line.from, line.to, line.id) as Partial<Point> & { points: Point[] };
      const between = edge.points.slice(1, -1).map(turned);
      const route = routeOf(centre(line.from), centre(line.to), between);
      const middle = route[Math.floor(route.length / 2)] ?? { x: 0, y: 0 };
      return {
        ...line,
        path: roundedPath(route),
        label: edge.x === undefined || edge.y === undefined ? middle : turned({ x: edge.x, y: edge.y }),
      };
    }),
    width,
    height,
  };
}

/** Whether most ways out stand from right to left, against the order they are written in. */
function isBackwards(graph: Graph, lines: readonly Line[]): boolean {
  let balance = 0;
  lines.forEach((line, place) => {
    const next = lines[place + 1];
    if (!next || next.from !== line.from) return;
    balance += Math.sign((graph.node(next.to) as Point).x - (graph.node(line.to) as Point).x);
  });
  return balance < 0;
}

/** Corners of a line: out of the box below, through the points between, into the box from above. */
export function routeOf(from: Point, to: Point, between: readonly Point[]): Point[] {
  const start = { x: from.x, y: from.y + BOX.height / 2 };
  const end = { x: to.x, y: to.y - BOX.height / 2 };
  const stops = [start, ...between, end];
  const route: Point[] = [start];
  for (let place = 1; place < stops.length; place += 1) {
    const [last, next] = [stops[place - 1], stops[place]];
    if (!last || !next) continue;
    if (Math.abs(last.x - next.x) > 1) {
      const y = bendBetween(last, next, { isFirst: place === 1, isLast: place === stops.length - 1 });
      route.push({ x: last.x, y }, { x: next.x, y });
    }
    route.push(next);
  }
  return route;
}

function bendBetween(last: Point, next: Point, at: { isFirst: boolean; isLast: boolean }): number {
  const down = Math.sign(next.y - last.y) || 1;
  if (at.isLast && !at.isFirst) return next.y - down * BEND;
  if (at.isFirst && !at.isLast) return last.y + down * BEND;
  return (last.y + next.y) / 2;
}

/** The corners as an SVG path, each turn rounded as far as its legs are long. */
export function roundedPath(corners: readonly Point[]): string {
  const [first, ...rest] = corners;
  if (!first) return "";
  let path = `M${at(first)}`;
  rest.forEach((corner, place) => {
    const before = corners[place] ?? corner;
    const after = rest[place + 1];
    if (!after) {
      path += `L${at(corner)}`;
      return;
    }
    path += `L${at(towards(corner, before))}Q${at(corner)} ${at(towards(corner, after))}`;
  });
  return path;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  const step = Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * step, y: from.y + (to.y - from.y) * step };
}

const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
