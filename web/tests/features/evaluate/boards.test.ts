import { describe, expect, test } from "vitest";
import type { Tile } from "@/api/boards";
import { fitted, moved } from "@/features/evaluate/boards/layout";
import { idOf } from "@/lib/naming";

const tile = (id: string, x: number, y: number, w = 6, h = 4): Tile => ({ id, layout: { x, y, w, h } });
const places = (tiles: readonly Tile[]) =>
  Object.fromEntries(tiles.map(({ id, layout: { x, y, w, h } }) => [id, [x, y, w, h]]));

describe("A board's layout", () => {
  test("a tile that is moved pushes away those it would lie on", () => {
    const found = moved([tile("a", 0, 0), tile("b", 6, 0), tile("c", 0, 4, 12)], "a", {
      x: 6,
      y: 0,
      w: 6,
      h: 4,
    });
    expect(places(found)).toEqual({ a: [6, 0, 6, 4], b: [6, 4, 6, 4], c: [0, 8, 12, 4] });
  });

  test("tiles rise where there is room", () => {
    expect(places(moved([tile("a", 0, 9), tile("b", 6, 0)], "b", { x: 6, y: 30, w: 6, h: 4 }))).toEqual({
      a: [0, 0, 6, 4],
      b: [6, 0, 6, 4],
    });
  });

  test("no two tiles ever lie on one another, wherever one is moved", () => {
    const tiles = [tile("a", 0, 0), tile("b", 6, 0, 6, 8), tile("c", 0, 4, 5, 6), tile("d", 3, 12, 9, 5)];
    for (let x = -3; x < 15; x += 1) {
      for (let y = -2; y < 20; y += 1) {
        const found = moved(tiles, "d", { x, y, w: 1 + ((x + y + 5) % 12), h: 4 });
        const taken = found.flatMap(({ layout }) =>
          Array.from({ length: layout.w * layout.h }, (_, place) => {
            const [column, row] = [place % layout.w, Math.floor(place / layout.w)];
            return `${layout.x + column} ${layout.y + row}`;
          }),
        );
        expect(new Set(taken).size).toBe(taken.length);
        expect(found.every(({ layout }) => layout.x >= 0 && layout.x + layout.w <= 12)).toBe(true);
      }
    }
  });

  test("a layout is inside the board and large enough to be read", () => {
    expect(fitted({ x: -2, y: -1, w: 1, h: 1 })).toEqual({ x: 0, y: 0, w: 3, h: 4 });
    expect(fitted({ x: 11, y: 2, w: 20, h: 100 })).toEqual({ x: 0, y: 2, w: 12, h: 40 });
  });

  test("ids are made of names, and are taken once", () => {
    expect(idOf("Growth, weekly!", [], "board")).toBe("growth-weekly");
    expect(idOf("增长", ["board"], "board")).toBe("board-2");
  });
});
