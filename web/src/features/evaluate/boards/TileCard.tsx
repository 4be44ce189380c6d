import { BarChartOutlined, DeleteOutlined, ExportOutlined, TableOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Board, type Filters, type Tile, tileQuery } from "@/api/boards";
import type { Cell } from "@/api/insights";
import { useMay, useWorkspace } from "@/api/workspace";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { heightOf } from "@/features/evaluate/boards/layout";
import { TileBody, type TileView } from "@/features/evaluate/boards/TileBody";
import { insightPath } from "@/lib/addresses";
import { Answer } from "@/ui/Answer";
import { PeopleDrawer } from "@/ui/insights/PeopleDrawer";

/** What the heading and the margins of a tile take up. */
export const AROUND = 88;
const DRAWN = ["trend", "funnel", "lifecycle", "stickiness", "distribution", "sessions", "value"];

interface TileCardProps {
  board: Board;
  tile: Tile;
  filters: Filters;
  handle: ReactNode;
  onRemove: (() => void) | null;
}

/** One tile: its numbers, its way into the explorer, and the people behind each number. */
export function TileCard({ board, tile, filters, handle, onRemove }: TileCardProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const [view, setView] = useState<TileView>("drawn");
  const [opened, setOpened] = useState<Cell | null>(null);
  const query = useQuery(tileQuery(name, board, tile.id, filters));
  const title = query.data?.title || tile.title || tile.id;
  const isDrawn = query.data?.answer ? DRAWN.includes(query.data.answer.kind) : false;
  return (
    <section className={styles.tile} aria-label={title}>
      <header className={styles.head}>
        {handle}
        <h2 className={styles.title}>{title}</h2>
        {isDrawn && (
          <Button
            type="text"
            size="small"
            icon={view === "drawn" ? <TableOutlined /> : <BarChartOutlined />}
            aria-label={view === "drawn" ? t("boards.asNumbers", { title }) : t("boards.asChart", { title })}
            onClick={() => setView(view === "drawn" ? "numbers" : "drawn")}
          />
        )}
        {query.data && (
          <Link
            className={styles.open}
            to={insightPath(name, query.data.spec)}
            aria-label={t("boards.explore", { title })}
          >
            <ExportOutlined aria-hidden="true" />
          </Link>
        )}
        {onRemove && (
          <Button
            type="text"
            size="small"
            icon={<DeleteOutlined />}
            aria-label={t("boards.takeOff", { title })}
            onClick={onRemove}
          />
        )}
      </header>
      <div className={styles.body} data-body>
        <Answer query={query} height={heightOf(tile.layout) - AROUND}>
          {(found) => (
            <TileBody
              tile={found}
              title={title}
              height={heightOf(tile.layout) - AROUND}
              view={view}
              onOpen={(cell) => may("people:read") && setOpened(cell)}
            />
          )}
        </Answer>
      </div>
      {opened && query.data && (
        <PeopleDrawer spec={query.data.spec} cell={opened} onClose={() => setOpened(null)} />
      )}
    </section>
  );
}
