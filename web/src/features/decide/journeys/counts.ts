import type { NodeCounts } from "@/api/journeys";

/** What the log counts at a step. */
export interface Counts {
  entered: number;
  waiting: number;
  /** Taken out here: by the goal, an exit rule or an operator. */
  endedHere: number;
  left: Record<string, number>;
}

export const NOBODY: Counts = { entered: 0, waiting: 0, endedHere: 0, left: {} };

export function countsOf(node: NodeCounts | undefined): Counts {
  if (!node) return NOBODY;
  return { entered: node.entered, waiting: node.waiting, endedHere: node.ended_here, left: node.left };
}

/** The share of those who came to a step that left it by this edge; null where nobody came. */
export function shareBy(counts: Counts, edge: string): number | null {
  return counts.entered > 0 ? (counts.left[edge] ?? 0) / counts.entered : null;
}
