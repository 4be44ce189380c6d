import { Table, type TableColumnType } from "antd";
import type { ReactNode, UIEvent } from "react";
import styles from "@/ui/Rows.module.css";

/** How near to its end a long list asks for more, in pixels. */
const NEAR = 600;

interface RowsProps<T extends object> {
  label: string;
  rows: readonly T[];
  columns: readonly TableColumnType<T>[];
  idOf: (row: T) => string;
  /** Shown instead of the table where there are no rows. */
  empty: ReactNode;
  /** The height of a long list: only what is seen of it is drawn. */
  height?: number;
  /** Asked for more when the end of a long list comes near. */
  onEnd?: () => void;
  expanded?: (row: T) => ReactNode;
  isLoading?: boolean;
}

/** Rows under headings; a long list draws only what is seen and asks for more towards its end. */
export function Rows<T extends object>(props: RowsProps<T>) {
  const { label, rows, columns, idOf, empty, height, onEnd, expanded, isLoading = false } = props;
  if (rows.length === 0 && !isLoading) return empty;
  const watch = ({ currentTarget }: UIEvent<HTMLDivElement>) => {
    const { scrollTop, clientHeight, scrollHeight } = currentTarget;
    if (scrollTop + clientHeight > scrollHeight - NEAR) onEnd?.();
  };
  const width = columns.reduce((sum, { width: each }) => sum + (typeof each === "number" ? each : 160), 0);
  return (
    <section className={styles.rows} aria-label={label}>
      <Table<T>
        size="middle"
        rowKey={idOf}
        columns={[...columns]}
        dataSource={[...rows]}
        pagination={false}
        loading={isLoading}
        virtual={height !== undefined}
        scroll={height === undefined ? { x: width } : { x: width, y: height }}
        {...(height === undefined ? {} : { onScroll: watch })}
        {...(expanded ? { expandable: { expandedRowRender: expanded, expandRowByClick: true } } : {})}
      />
    </section>
  );
}
