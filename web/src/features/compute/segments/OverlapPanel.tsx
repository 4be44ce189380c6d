import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { overlapQuery, type Segment } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/compute/segments/OverlapPanel.module.css";
import { Answer } from "@/ui/Answer";
import { Panel } from "@/ui/Panel";
import { useFormats } from "@/ui/useFormats";

const FIRST = 4;
const MOST = 12;

interface OverlapPanelProps {
  segments: readonly Segment[];
  /** The segment that the others are compared with. */
  about?: string;
}

/** How many people each two segments share: numbers, and the share of the row's segment as a shade. */
export function OverlapPanel({ segments, about }: OverlapPanelProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [chosen, setChosen] = useState<readonly string[]>(() => firstOf(segments, about));
  const query = useQuery(overlapQuery(name, chosen));
  const names = new Map(segments.map((each) => [each.id, each.name || each.id]));
  return (
    <Panel title={t("segments.overlap")} note={t("segments.overlapNote")}>
      <Select<string[]>
        mode="multiple"
        aria-label={t("segments.overlapChoose")}
        value={[...chosen]}
        maxCount={MOST}
        options={segments.map(({ id }) => ({ value: id, label: names.get(id) ?? id }))}
        onChange={setChosen}
      />
      {chosen.length > 1 && (
        <Answer query={query} height={120}>
          {(overlap) => <Shared ids={overlap.segments} shared={overlap.shared} names={names} />}
        </Answer>
      )}
    </Panel>
  );
}

function firstOf(segments: readonly Segment[], about: string | undefined): string[] {
  const others = segments.map(({ id }) => id).filter((id) => id !== about);
  return [...(about ? [about] : []), ...others].slice(0, FIRST);
}

interface SharedProps {
  ids: readonly string[];
  shared: readonly (readonly number[])[];
  names: ReadonlyMap<string, string>;
}

function Shared({ ids, shared, names }: SharedProps) {
  const { t } = useTranslation();
  const { count, share } = useFormats();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard
    <section className={styles.scroll} tabIndex={0} aria-label={t("segments.overlap")}>
      <table className={styles.table}>
        <thead>
          <tr>
            <td />
            {ids.map((id) => (
              <th key={id} scope="col">
                {names.get(id) ?? id}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ids.map((id, row) => (
            <tr key={id}>
              <th scope="row">{names.get(id) ?? id}</th>
              {ids.map((other, column) => {
                const people = shared[row]?.[column] ?? 0;
                const part = people / Math.max(1, shared[row]?.[row] ?? 0);
                return (
                  <td key={other} style={{ background: shade(row === column ? 0 : part) }}>
                    {count(people)}
                    {row !== column && <span className={styles.share}>{share(part)}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const shade = (part: number): string =>
  `color-mix(in srgb, var(--accent) ${Math.round(part * 28)}%, transparent)`;
