import type { Cell } from "@/api/insights";
import styles from "@/ui/insights/Insights.module.css";
import type { Row, Table } from "@/ui/insights/table";
import { useWritten } from "@/ui/insights/useWritten";

/** A funnel as bars: how many of those who began are still there. */
export function FunnelBars({ table, onOpen }: { table: Table; onOpen: (cell: Cell) => void }) {
  return (
    <div className={styles.funnel}>
      {table.rows.map((row, place) => (
        <Step key={row.key} row={row} place={place} onOpen={onOpen} />
      ))}
    </div>
  );
}

function Step({ row, place, onOpen }: { row: Row; place: number; onOpen: (cell: Cell) => void }) {
  const written = useWritten();
  const [people, rate] = row.values;
  if (!people || !rate) return null;
  const { cell } = people;
  const width = typeof rate.value === "number" ? rate.value : 0;
  return (
    <div>
      <div className={styles.step}>
        <span>
          {place + 1}. {row.label}
          {row.part !== null && ` · ${row.part}`}
        </span>
        <span>
          {cell ? (
            <button type="button" className={styles.open} onClick={() => onOpen(cell)}>
              <b>{written(people)}</b>
            </button>
          ) : (
            <b>{written(people)}</b>
          )}{" "}
          · {written(rate)}
        </span>
      </div>
      <div className={styles.track}>
        <div className={styles.bar} style={{ width: `${Math.max(width * 100, 0.5)}%` }} />
      </div>
    </div>
  );
}
