import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Filters } from "@/api/boards";
import { segmentsQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/evaluate/boards/Boards.module.css";

const RANGES = ["7d", "30d", "90d", "12w", "12mo"] as const;

/** What the address says holds for every tile, beside what the board says. */
export function filtersIn(address: URLSearchParams): Filters {
  const [last, among] = [address.get("last"), address.get("among")];
  return { ...(last ? { range: { last } } : {}), ...(among ? { among } : {}) };
}

interface FilterBarProps {
  own: Filters;
  canKeep: boolean;
  onKeep: (filters: Filters) => void;
  children: ReactNode;
}

/** A period and a segment for all tiles: looked at by anybody, kept with the board by whoever may change it. */
export function FilterBar({ own, canKeep, onKeep, children }: FilterBarProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [address, setAddress] = useSearchParams();
  const { data } = useQuery(segmentsQuery(name));
  const set = (key: string) => (value: string | undefined) => {
    const next = new URLSearchParams(address);
    if (value) next.set(key, value);
    else next.delete(key);
    setAddress(next, { replace: true });
  };
  const asked = filtersIn(address);
  const hasAsked = asked.range !== undefined || asked.among !== undefined;
  const keep = () => {
    onKeep({ ...own, ...asked });
    setAddress(new URLSearchParams(), { replace: true });
  };
  const ownRange = lastOf(own.range);
  return (
    <section className={styles.bar} aria-label={t("boards.filters")}>
      <Select
        aria-label={t("boards.period")}
        allowClear
        style={{ width: 190 }}
        placeholder={rangeText(ownRange)}
        value={address.get("last")}
        options={RANGES.map((value) => ({ value, label: t(`insights.ranges.${value}`) }))}
        onChange={set("last")}
      />
      <Select
        aria-label={t("boards.among")}
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: 220 }}
        placeholder={own.among === undefined ? t("boards.everybody") : among(own.among)}
        value={address.get("among")}
        options={(data?.segments ?? []).map(({ id, name: called }) => ({ value: id, label: called || id }))}
        onChange={set("among")}
      />
      {canKeep && hasAsked && <Button onClick={keep}>{t("boards.keepFilters")}</Button>}
      {canKeep && !hasAsked && (own.range !== undefined || own.among !== undefined) && (
        <Button type="text" onClick={() => onKeep({})}>
          {t("boards.dropFilters")}
        </Button>
      )}
      <span className={styles.spacer} />
      {children}
    </section>
  );

  function rangeText(last: string | null): string {
    if (own.range === undefined) return t("boards.eachOwn");
    const known = RANGES.find((each) => each === last);
    return known ? t(`insights.ranges.${known}`) : t("boards.ownPeriod");
  }

  function among(given: unknown): string {
    return typeof given === "string" ? given : t("boards.ownCondition");
  }
}

function lastOf(range: unknown): string | null {
  return typeof range === "object" && range !== null && "last" in range ? String(range.last) : null;
}
