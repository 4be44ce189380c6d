import { describe, expect, test } from "vitest";
import { readChart } from "@/features/decide/journeys/document";
import { BOX, type Point, roundedPath, routeOf } from "@/features/decide/journeys/layout";
import { ARMS, ENTRY, GOAL, LEAVE, type Picture, pictureOf } from "@/features/decide/journeys/picture";
import { longJourney, WINBACK } from "./journeys";

const placeOf = (picture: Picture, id: string): Point => {
  const node = picture.nodes.find((each) => each.id === id);
  if (!node) throw new Error(`${id} is not in the picture`);
  return node.position;
};

function overlaps({ nodes }: Picture): string[] {
  return nodes.flatMap((one, place) =>
    nodes
      .slice(place + 1)
      .filter(
        (other) =>
          Math.abs(one.position.x - other.position.x) < BOX.width &&
          Math.abs(one.position.y - other.position.y) < BOX.height,
      )
      .map((other) => `${one.id} and ${other.id}`),
  );
}

describe("The picture of a journey", () => {
  const picture = pictureOf(readChart(WINBACK), false);

  test("reads from the entry down, every step below those that lead to it", () => {
    const order = [ENTRY, ARMS, "pause", "worth", "offer", "rest", "done"];
    const heights = order.map((id) => placeOf(picture, id).y);
    expect(heights).toEqual([...heights].sort((one, other) => one - other));
  });

  test("no box covers another", () => {
    expect(overlaps(picture)).toEqual([]);
    expect(overlaps(pictureOf(readChart(WINBACK), true))).toEqual([]);
  });

  test("the goal stands beside the entry, and below the chart on a narrow screen", () => {
    expect(placeOf(picture, GOAL)).toMatchObject({ y: placeOf(picture, ENTRY).y });
    expect(placeOf(picture, GOAL).x).toBeGreaterThan(placeOf(picture, ENTRY).x + BOX.width);
    const narrow = pictureOf(readChart(WINBACK), true);
    expect(placeOf(narrow, GOAL).y).toBeGreaterThan(placeOf(narrow, "done").y);
    expect(placeOf(narrow, LEAVE).x).toBe(placeOf(narrow, ENTRY).x);
  });

  test("ways out stand from left to right in the order they are written", () => {
    expect(placeOf(picture, "offer").x).toBeLessThan(placeOf(picture, "remind").x);
  });

  test("every way out is a line, and one that leads nowhere is left out", () => {
    const lines = picture.edges.filter((edge) => edge.data?.way);
    expect(lines).toHaveLength(9);
    const broken = pictureOf(readChart({ start: "a", nodes: { a: { wait: "1d", then: "gone" } } }), false);
    expect(broken.nodes.map(({ id }) => id)).toEqual([ENTRY, "a"]);
    expect(broken.edges.map(({ target }) => target)).toEqual(["a"]);
  });

  test("without a control group and a goal there is only the chart", () => {
    const ids = pictureOf(readChart({ start: "a", nodes: { a: { exit: { outcome: "x" } } } }), false).nodes;
    expect(ids.map(({ id }) => id)).toEqual([ENTRY, "a"]);
  });

  test("a loop is drawn too", () => {
    const loop = readChart({
      start: "rest",
      nodes: {
        rest: { wait: "1d", then: "ask" },
        ask: { branch: [{ if: {}, then: "end" }], else: "rest" },
        end: { exit: {} },
      },
    });
    const drawn = pictureOf(loop, false);
    expect(drawn.edges).toHaveLength(4);
    for (const edge of drawn.edges) expect(edge.data?.path).not.toContain("NaN");
  });

  test("two hundred steps are laid out without covering each other", () => {
    const large = pictureOf(readChart(longJourney(100)), false);
    expect(large.nodes).toHaveLength(202);
    expect(overlaps(large)).toEqual([]);
  });
});

describe("Lines", () => {
  test("go straight down where box stands above box", () => {
    expect(routeOf({ x: 0, y: 0 }, { x: 0, y: 200 }, [])).toEqual([
      { x: 0, y: BOX.height / 2 },
      { x: 0, y: 200 - BOX.height / 2 },
    ]);
  });

  test("have right angles only", () => {
    const route = routeOf({ x: 0, y: 0 }, { x: 300, y: 400 }, [{ x: 120, y: 200 }]);
    route.slice(1).forEach((corner, place) => {
      const before = route[place] ?? corner;
      expect(corner.x === before.x || corner.y === before.y).toBe(true);
    });
  });

  test("have round corners", () => {
    const path = roundedPath([
      { x: 0, y: 0 },
      { x: 0, y: 40 },
      { x: 40, y: 40 },
    ]);
    expect(path).toBe("M0 0L0 32Q0 40 8 40L40 40");
  });
});
