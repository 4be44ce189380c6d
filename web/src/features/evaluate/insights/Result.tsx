import { DownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Cell, InsightResult } from "@/api/insights";
import { drawnOption } from "@/ui/insights/drawing";
import { FunnelBars } from "@/ui/insights/FunnelBars";
import styles from "@/ui/insights/Insights.module.css";
import { NumbersTable } from "@/ui/insights/NumbersTable";
import { csvOf, tableOf } from "@/ui/insights/table";
import { useColumnNames } from "@/ui/insights/useColumnNames";
import { LazyChart } from "@/ui/LazyChart";
import { Panel } from "@/ui/Panel";
import { usePalette } from "@/ui/theme";
import { useFormats } from "@/ui/useFormats";

/** A result: drawn where that helps, in numbers always, with where they come from. */
export function Result({ result, onOpen }: { result: InsightResult; onOpen: (cell: Cell) => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const palette = usePalette();
  const table = useMemo(() => tableOf(result), [result]);
  const names = useColumnNames(result.kind, table.columns);
  const option = useMemo(
    () => drawnOption({ kind: result.kind, table, names, formats, palette }),
    [result.kind, table, names, formats, palette],
  );
  const label = t(`insights.kinds.${result.kind}`, { defaultValue: result.kind });
  return (
    <>
      {result.kind === "funnel" && (
        <Panel title={label}>
          <FunnelBars table={table} onOpen={onOpen} />
        </Panel>
      )}
      {option && (
        <Panel title={label}>
          <LazyChart option={option} height={300} label={t("insights.drawn", { label })} />
        </Panel>
      )}
      <Panel
        title={t("insights.numbers")}
        note={t("insights.numbersNote")}
        actions={
          <Button
            size="small"
            icon={<DownloadOutlined />}
            onClick={() => save(csvOf(table, names), result.kind)}
          >
            {t("insights.csv")}
          </Button>
        }
      >
        <NumbersTable
          label={label}
          table={table}
          names={names}
          isHeated={result.kind === "retention"}
          isLatestLast={result.kind === "trend"}
          onOpen={onOpen}
        />
        <p className={styles.provenance}>
          {t("insights.provenance", {
            events: formats.count(result.events_read),
            zone: result.timezone,
            at: formats.instant(result.answered_at),
          })}
        </p>
      </Panel>
    </>
  );
}

function save(text: string, name: string): void {
  // The mark tells spreadsheets that it is UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
