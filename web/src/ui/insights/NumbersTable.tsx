import { type CSSProperties, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/api/insights";
import styles from "@/ui/insights/Insights.module.css";
import type { Table, Value } from "@/ui/insights/table";
import { useWritten } from "@/ui/insights/useWritten";
import { useFormats } from "@/ui/useFormats";

interface NumbersTableProps {
  /** What is counted, for those who hear it. */
  label: string;
  /** Whether the last columns matter most, as of days. */
  isLatestLast: boolean;
  table: Table;
  names: readonly string[];
  isHeated: boolean;
  onOpen: (cell: Cell) => void;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Every number; those about people open them. */
export function NumbersTable(props: NumbersTableProps) {
  const { label, table, names, isHeated, isLatestLast, onOpen } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isLatestLast && table && box.current) box.current.scrollLeft = box.current.scrollWidth;
  }, [isLatestLast, table]);
  const { t } = useTranslation();
  const { day } = useFormats();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways is reached by keys as well
    <section className={styles.scroll} ref={box} tabIndex={0} aria-label={label}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t("insights.row")}</th>
            {table.hasParts && (
              <th scope="col" className={styles.part}>
                {t("insights.breakdown")}
              </th>
            )}
            {names.map((name, place) => (
              <th scope="col" key={table.columns[place]}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.key}>
              <td>{DAY.test(row.label) ? day(row.label) : row.label}</td>
              {table.hasParts && <td className={styles.part}>{row.part}</td>}
              {row.values.map((value, place) => (
                <td key={table.columns[place] ?? place} style={isHeated ? heat(value) : undefined}>
                  <Shown value={value} onOpen={onOpen} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Shown({ value, onOpen }: { value: Value; onOpen: (cell: Cell) => void }) {
  const { t } = useTranslation();
  const written = useWritten();
  const text = written(value);
  const { cell } = value;
  const look = `${value.isIncomplete ? styles.incomplete : ""} ${value.isFew ? styles.few : ""}`;
  const hint = [
    value.low !== undefined && value.high !== undefined
      ? t("insights.between", {
          low: written({ ...value, value: value.low }),
          high: written({ ...value, value: value.high }),
        })
      : "",
    value.isIncomplete ? t("insights.incomplete") : "",
    value.isFew ? t("insights.few") : "",
  ]
    .filter(Boolean)
    .join(" · ");
  if (!cell || !value.value) {
    return (
      <span className={look} title={hint}>
        {text}
      </span>
    );
  }
  return (
    <button type="button" className={`${styles.open} ${look}`} title={hint} onClick={() => onOpen(cell)}>
      {text}
    </button>
  );
}

/** The higher the share, the greener. */
function heat({ value, form }: Value): CSSProperties | undefined {
  if (typeof value !== "number" || form !== "share") return undefined;
  return {
    background: `color-mix(in srgb, var(--accent) ${Math.round(Math.min(value, 1) * 45)}%, transparent)`,
  };
}
