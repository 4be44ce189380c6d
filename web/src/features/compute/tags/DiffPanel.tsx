import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problems";
import { diffTag, type TagDiff } from "@/api/tags";
import { useMay, useWorkspace } from "@/api/workspace";
import styles from "@/features/compute/tags/DiffPanel.module.css";
import { textOf, valuesOf } from "@/features/compute/tags/document";
import type { JsonObject } from "@/lib/json";
import { EmptyState } from "@/ui/EmptyState";
import { Loading } from "@/ui/Loading";
import { Panel } from "@/ui/Panel";
import { PersonLink } from "@/ui/PersonLink";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useFormats } from "@/ui/useFormats";
import { useSettled } from "@/ui/useSettled";

/** Whose value would change if the document were saved now. */
export function DiffPanel({ document }: { document: JsonObject }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const settled = useSettled(document);
  const isReady = textOf(settled, "id") !== "" && valuesOf(settled)?.length !== 0;
  const query = useQuery({
    queryKey: ["tag-diff", name, JSON.stringify(settled)],
    queryFn: () => diffTag(name, settled),
    enabled: isReady,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={t("tags.diff")}>
      {isReady ? (
        <Outcome diff={query.data} error={query.error} />
      ) : (
        <EmptyState title={t("tags.diffEmpty")}>{t("tags.diffEmptyText")}</EmptyState>
      )}
    </Panel>
  );
}

function Outcome({ diff, error }: { diff: TagDiff | undefined; error: Error | null }) {
  if (error instanceof Problem && error.entries.length > 0) {
    return (
      <div role="alert">
        {error.entries.map(({ path, message, hint }) => (
          <p key={path + message} className={styles.fault}>
            {[path, message, hint].filter(Boolean).join(" ")}
          </p>
        ))}
      </div>
    );
  }
  if (error) return <ProblemNotice error={error} />;
  return diff ? <Shifts diff={diff} /> : <Loading height={120} />;
}

function Shifts({ diff }: { diff: TagDiff }) {
  const { t } = useTranslation();
  const { count } = useFormats();
  const may = useMay();
  return (
    <>
      <p>
        {t("tags.diffCount", { count: diff.changed, changed: count(diff.changed), all: count(diff.people) })}
      </p>
      <ul className={styles.shifts}>
        {diff.shifts.map(({ before, after, people }) => (
          <li key={`${before} ${after}`} className={before === after ? styles.same : ""}>
            <span>
              {before === after
                ? t("tags.stays", { value: after ?? "–" })
                : `${before ?? "–"} → ${after ?? "–"}`}
            </span>
            <strong>{count(people)}</strong>
          </li>
        ))}
      </ul>
      {may("people:read") && diff.changes.length > 0 && (
        <p>
          {t("counted.some")}{" "}
          {diff.changes.slice(0, 8).map((change) => (
            <span key={change.profile_id}>
              <PersonLink person={change} />{" "}
            </span>
          ))}
        </p>
      )}
    </>
  );
}
