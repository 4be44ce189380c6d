import type { Layout, Tile } from "@/api/boards";

export const COLUMNS = 12;
export const ROW = 40;
export const GAP = 16;
export const LEAST_WIDTH = 3;
export const LEAST_HEIGHT = 4;

const overlaps = (one: Layout, other: Layout): boolean =>
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h;

const clamp = (value: number, least: number, most: number): number =>
  Math.min(Math.max(Math.round(value), least), most);

/** A layout as the board can hold it: inside its columns, and large enough to be read. */
export function fitted({ x, y, w, h }: Layout): Layout {
  const width = clamp(w, LEAST_WIDTH, COLUMNS);
  return {
    x: clamp(x, 0, COLUMNS - width),
    y: clamp(y, 0, 400),
    w: width,
    h: clamp(h, LEAST_HEIGHT, 40),
  };
}

/** Tiles with one of them somewhere else: those it would lie on go down, then all move up as far as they can. */
export function moved(tiles: readonly Tile[], id: string, layout: Layout): Tile[] {
  const target = fitted(layout);
  const settled: Tile[] = [];
  const inOrder = [...tiles].sort(
    (one, other) => one.layout.y - other.layout.y || one.layout.x - other.layout.x,
  );
  const first = inOrder.filter((tile) => tile.id === id).map((tile) => ({ ...tile, layout: target }));
  for (const tile of [...first, ...inOrder.filter((each) => each.id !== id)]) {
    let place = tile.layout;
    while (settled.some((other) => overlaps(place, other.layout))) place = { ...place, y: place.y + 1 };
    settled.push({ ...tile, layout: place });
  }
  return risen(settled);
}

/** Every tile as far up as it goes, in the order in which they lie. */
function risen(tiles: readonly Tile[]): Tile[] {
  const inOrder = [...tiles].sort(
    (one, other) => one.layout.y - other.layout.y || one.layout.x - other.layout.x,
  );
  const risen: Tile[] = [];
  for (const tile of inOrder) {
    let place = tile.layout;
    while (place.y > 0) {
      const above = { ...place, y: place.y - 1 };
      if (risen.some((other) => overlaps(above, other.layout))) break;
      place = above;
    }
    risen.push({ ...tile, layout: place });
  }
  return risen;
}

/** How high a tile is on the page. */
export const heightOf = ({ h }: Layout): number => h * ROW + (h - 1) * GAP;
