import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SharedTile, TileAnswer } from "@/api/boards";
import type { Cell, InsightResult } from "@/api/insights";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { drawnOption } from "@/ui/insights/drawing";
import { FunnelBars } from "@/ui/insights/FunnelBars";
import { NumbersTable } from "@/ui/insights/NumbersTable";
import { tableOf } from "@/ui/insights/table";
import { useColumnNames } from "@/ui/insights/useColumnNames";
import { LazyChart } from "@/ui/LazyChart";
import { usePalette } from "@/ui/theme";
import { useFormats } from "@/ui/useFormats";

export type TileView = "drawn" | "numbers";

interface TileBodyProps {
  tile: TileAnswer | SharedTile;
  title: string;
  /** Pixels there are for a chart. */
  height: number;
  view: TileView;
  onOpen: (cell: Cell) => void;
}

/** What a tile shows: its numbers, or which of them cannot be had, and why. */
export function TileBody({ tile, title, height, view, onOpen }: TileBodyProps) {
  const { t } = useTranslation();
  if (tile.state === "missing") return <Missing tile={tile} />;
  if (tile.state === "hidden") return <p className={styles.note}>{t("boards.hidden")}</p>;
  if (tile.answer === null) {
    const problem = "problem" in tile ? tile.problem : null;
    return <p className={styles.note}>{problem?.message ?? t("boards.failed")}</p>;
  }
  return <Numbers result={tile.answer} title={title} height={height} view={view} onOpen={onOpen} />;
}

function Missing({ tile }: { tile: TileAnswer | SharedTile }) {
  const { t } = useTranslation();
  const named = [...tile.missing_events, ...tile.missing_properties];
  return (
    <div className={styles.note}>
      <p>{t("boards.missing", { count: named.length })}</p>
      <ul className={styles.missing}>
        {named.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
      {"spec" in tile && <p>{t("boards.missingHint")}</p>}
    </div>
  );
}

interface NumbersProps extends Pick<TileBodyProps, "title" | "height" | "view" | "onOpen"> {
  result: InsightResult;
}

function Numbers({ result, title, height, view, onOpen }: NumbersProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const palette = usePalette();
  const table = useMemo(() => tableOf(result), [result]);
  const names = useColumnNames(result.kind, table.columns);
  const option = useMemo(
    () => drawnOption({ kind: result.kind, table, names, formats, palette }),
    [result.kind, table, names, formats, palette],
  );
  if (table.rows.length === 0) return <p className={styles.note}>{t("boards.nothing")}</p>;
  if (view === "drawn" && result.kind === "funnel") return <FunnelBars table={table} onOpen={onOpen} />;
  if (view === "drawn" && option) {
    return <LazyChart option={option} height={height} label={t("insights.drawn", { label: title })} />;
  }
  return (
    <NumbersTable
      label={title}
      table={table}
      names={names}
      isHeated={result.kind === "retention"}
      isLatestLast={result.kind === "trend"}
      onOpen={onOpen}
    />
  );
}
