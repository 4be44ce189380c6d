import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Problem, type ProblemEntry } from "@/api/problems";
import { type Preview, previewQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import { asksNothing } from "@/lib/conditions/forms";
import type { Json } from "@/lib/json";
import { usePreferences } from "@/lib/preferences";
import styles from "@/ui/conditions/Counted.module.css";
import { Loading } from "@/ui/Loading";
import { PersonLink } from "@/ui/PersonLink";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useFormats } from "@/ui/useFormats";
import { useSettled } from "@/ui/useSettled";

export interface Count {
  preview: Preview | undefined;
  error: Error | null;
  isBusy: boolean;
  problems: readonly ProblemEntry[];
}

/** How many people a condition holds for, asked again whenever it has settled. */
export function useCount(condition: Json): Count {
  const { name } = useWorkspace();
  const settled = useSettled(condition);
  const { data, error, isFetching } = useQuery({
    ...previewQuery(name, settled),
    retry: false,
    enabled: !asksNothing(settled),
  });
  const isStale = settled !== condition;
  return {
    preview: data,
    error,
    isBusy: isFetching || isStale,
    problems: error instanceof Problem ? error.entries : [],
  };
}

/** A condition in one sentence, how many people it holds for, and some of them. */
export function Counted({ count }: { count: Count }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const formats = useFormats();
  const { preview, error, isBusy } = count;
  if (error && count.problems.length > 0) {
    return (
      <div className={styles.counted} aria-live="polite">
        <p className={styles.open}>{t("counted.faulty")}</p>
        {count.problems.map(({ path, message, hint }) => (
          <p key={path + message} className={styles.fault}>
            {[message, hint].filter(Boolean).join(" ")}
          </p>
        ))}
      </div>
    );
  }
  if (error) return <ProblemNotice error={error} />;
  if (!preview) return <Loading height={160} />;
  const share = preview.of > 0 ? preview.people / preview.of : 0;
  return (
    <div className={styles.counted} aria-live="polite" aria-busy={isBusy} data-busy={isBusy}>
      <div>
        <span className={styles.number}>{formats.count(preview.people)}</span>{" "}
        <span className={styles.of}>
          {t("counted.of", {
            count: preview.people,
            all: formats.count(preview.of),
            share: formats.share(share),
          })}
        </span>
      </div>
      <div className={styles.track} aria-hidden="true">
        <span className={styles.fill} style={{ width: `${share * 100}%` }} />
      </div>
      <p className={styles.sentence}>{preview.sentence[language]}</p>
      <Some preview={preview} />
    </div>
  );
}

function Some({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  if (preview.sample.length === 0) return null;
  return (
    <div>
      <div className={styles.of}>{t("counted.some")}</div>
      <ul className={styles.some}>
        {preview.sample.map((person) => (
          <li key={person.profile_id}>
            <PersonLink person={person} />
          </li>
        ))}
      </ul>
    </div>
  );
}
