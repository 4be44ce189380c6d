import { Segmented } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useJourney } from "@/features/decide/journeys/JourneyContext";
import styles from "@/features/decide/journeys/TextPanel.module.css";
import { linesOf, NOTATIONS, type Notation, textIn } from "@/features/decide/journeys/text";
import { CopyButton } from "@/ui/CopyButton";

/** The journey's document, read-only; the chosen step's lines are marked. */
export function TextPanel({ selected }: { selected: string | null }) {
  const { t } = useTranslation();
  const { journey } = useJourney();
  const [notation, setNotation] = useState<Notation>("yaml");
  const text = useMemo(() => textIn(notation, journey.document), [notation, journey.document]);
  const marked = useMemo(() => (selected ? linesOf(text, selected) : null), [text, selected]);
  const first = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (marked) first.current?.scrollIntoView({ block: "nearest" });
  }, [marked]);
  const isMarked = (line: number) => marked !== null && line >= marked[0] && line <= marked[1];
  return (
    <div className={styles.panel}>
      <div className={styles.tools}>
        <Segmented
          size="small"
          aria-label={t("text.notation")}
          value={notation}
          onChange={setNotation}
          options={NOTATIONS.map((each) => ({ value: each, label: each.toUpperCase() }))}
        />
        <CopyButton text={text} />
      </div>
      <section className={styles.text} aria-label={t("text.label")}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>
          {text
            .trimEnd()
            .split("\n")
            .map((line, place) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
                key={place}
                ref={marked?.[0] === place ? first : null}
                className={`${styles.line} ${isMarked(place) ? styles.marked : ""}`}
              >
                <Line text={line} />
              </span>
            ))}
        </pre>
      </section>
    </div>
  );
}

/** A line with its key told apart from its value. */
function Line({ text }: { text: string }) {
  const found = /^(\s*(?:- )?)("?[\w$-]+"?)(:.*)$/.exec(text);
  if (!found) return text || " ";
  return (
    <>
      {found[1]}
      <span className={styles.key}>{found[2]}</span>
      {found[3]}
    </>
  );
}
