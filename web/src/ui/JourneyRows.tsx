import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { JourneyToday } from "@/api/today";
import { useWorkspace } from "@/api/workspace";
import { intervalOf, reachOf } from "@/lib/interval";
import { usePreferences } from "@/lib/preferences";
import { IntervalBar } from "@/ui/IntervalBar";
import styles from "@/ui/JourneyRows.module.css";
import { JourneyStateBadge } from "@/ui/JourneyStateBadge";
import { useFormats } from "@/ui/useFormats";

/** Journeys in rows: state, runs, and the effect on one scale with its verdict. */
export function JourneyRows({ journeys }: { journeys: readonly JourneyToday[] }) {
  const { t } = useTranslation();
  const { name: workspace } = useWorkspace();
  const { language } = usePreferences();
  const { count, points } = useFormats();
  const reach = reachOf(journeys.flatMap(({ effect }) => intervalOf(effect) ?? []));
  return (
    <ul className={styles.rows}>
      {journeys.map((journey) => {
        const interval = intervalOf(journey.effect);
        return (
          <li key={journey.id} className={styles.row}>
            <div className={styles.who}>
              <Link to={`/w/${workspace}/journeys/${journey.id}`} className={styles.name}>
                {journey.name || journey.id}
              </Link>
              <span className={styles.standing}>
                <JourneyStateBadge state={journey.state} />
                {t("journey.version", { version: journey.version })}
              </span>
            </div>
            <dl className={styles.counts}>
              <Count label={t("journey.entered")} value={count(journey.entered)} />
              <Count label={t("journey.inProgress")} value={count(journey.in_progress)} />
              <Count label={t("journey.goalReached")} value={count(journey.goal)} />
            </dl>
            <div className={styles.effect}>
              {interval ? (
                <>
                  <span className={styles.points}>
                    {t("effect.points", { value: points(interval.value) })}
                  </span>
                  <IntervalBar interval={interval} reach={reach} />
                </>
              ) : (
                <span className={styles.none}>{t("effect.none")}</span>
              )}
            </div>
            <p className={styles.verdict}>{journey.effect.sentence[language]}</p>
          </li>
        );
      })}
    </ul>
  );
}

function Count({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
