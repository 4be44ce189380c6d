import { DragOutlined } from "@ant-design/icons";
import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import type { Layout, Tile } from "@/api/boards";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { COLUMNS, GAP, heightOf, moved, ROW } from "@/features/evaluate/boards/layout";
import { useIsNarrow } from "@/ui/useIsNarrow";

interface GridProps {
  tiles: readonly Tile[];
  titleOf: (tile: Tile) => string;
  canMove: boolean;
  onMove: (tiles: Tile[]) => void;
  /** The tile, with what it is moved by. */
  children: (tile: Tile, handle: ReactNode) => ReactNode;
}

type Grip = "move" | "resize";

interface Drag {
  id: string;
  grip: Grip;
  from: Layout;
  left: number;
  top: number;
  column: number;
}

/** Tiles on twelve columns. They are moved and resized with the pointer, or with the arrow keys. */
export function Grid({ tiles, titleOf, canMove, onMove, children }: GridProps) {
  const { t } = useTranslation();
  const isNarrow = useIsNarrow();
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const [shown, setShown] = useState<Tile[] | null>(null);
  const isMovable = canMove && !isNarrow;

  const begin = (tile: Tile, grip: Grip) => (event: PointerEvent<HTMLElement>) => {
    if (!box.current || event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
    const column = (box.current.clientWidth + GAP) / COLUMNS;
    drag.current = { id: tile.id, grip, from: tile.layout, left: event.clientX, top: event.clientY, column };
  };
  const go = (event: PointerEvent<HTMLElement>) => {
    const held = drag.current;
    if (!held) return;
    const columns = Math.round((event.clientX - held.left) / held.column);
    const rows = Math.round((event.clientY - held.top) / (ROW + GAP));
    setShown(moved(tiles, held.id, shifted(held.from, held.grip, columns, rows)));
  };
  const end = () => {
    if (drag.current && shown) onMove(shown);
    drag.current = null;
    setShown(null);
  };
  const press = (tile: Tile, grip: Grip) => (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    onMove(moved(tiles, tile.id, shifted(tile.layout, grip, step[0], step[1])));
  };
  const grip = (tile: Tile, kind: Grip) => ({
    onPointerDown: begin(tile, kind),
    onPointerMove: go,
    onPointerUp: end,
    onPointerCancel: end,
    onKeyDown: press(tile, kind),
  });

  return (
    <div ref={box} className={styles.grid}>
      {/* In the order of the document, so that what is dragged is never taken out and put in again. */}
      {tiles.map((given) => {
        const tile = shown?.find(({ id }) => id === given.id) ?? given;
        const title = titleOf(tile);
        return (
          <div
            key={tile.id}
            className={styles.place}
            style={placed(tile.layout, isNarrow)}
            data-tile={tile.id}
          >
            {children(
              tile,
              isMovable && (
                <button
                  type="button"
                  className={styles.handle}
                  aria-label={t("boards.move", { title })}
                  title={t("boards.moveHint")}
                  {...grip(given, "move")}
                >
                  <DragOutlined aria-hidden="true" />
                </button>
              ),
            )}
            {isMovable && (
              <button
                type="button"
                className={styles.corner}
                aria-label={t("boards.resize", { title })}
                title={t("boards.resizeHint")}
                {...grip(given, "resize")}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const shifted = ({ x, y, w, h }: Layout, grip: Grip, columns: number, rows: number): Layout =>
  grip === "move" ? { x: x + columns, y: y + rows, w, h } : { x, y, w: w + columns, h: h + rows };

function placed(layout: Layout, isNarrow: boolean): CSSProperties {
  if (isNarrow) return { order: layout.y * COLUMNS + layout.x, height: heightOf(layout) };
  return {
    gridColumn: `${layout.x + 1} / span ${layout.w}`,
    gridRow: `${layout.y + 1} / span ${layout.h}`,
  };
}
