import { CheckCircleOutlined, ExclamationCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { Readout } from "@/api/journeys";
import styles from "@/features/decide/journeys/ReadoutPanel.module.css";
import { type Interval, intervalOf } from "@/lib/interval";
import { usePreferences } from "@/lib/preferences";
import { Badge, type Tone } from "@/ui/Badge";
import { IntervalBar } from "@/ui/IntervalBar";
import { useFormats } from "@/ui/useFormats";
import { useMessageState } from "@/ui/useMessageState";

/** Whether the journey did any good: verdict, interval, arms, and what the verdict rests on. */
export function ReadoutPanel({ readout }: { readout: Readout }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const interval = intervalOf(readout);
  return (
    <div className={styles.panel}>
      <div className={styles.effect}>
        <div className={styles.figure}>
          {interval && <Figure readout={readout} interval={interval} />}
          <Badge tone={toneOf(readout, interval)}>{t(`verdict.${readout.verdict}`)}</Badge>
        </div>
        {interval && <Scale interval={interval} />}
        <p className={styles.sentence}>{readout.sentence[language]}</p>
      </div>
      <Arms readout={readout} />
      <Grounds readout={readout} />
      <Messages readout={readout} />
    </div>
  );
}

function toneOf(readout: Readout, interval: Interval | null): Tone {
  if (readout.verdict === "srm_failed") return "bad";
  if (readout.verdict !== "effect_shown" || !interval) return "quiet";
  return interval.value > 0 ? "good" : "bad";
}

function Figure({ readout, interval }: { readout: Readout; interval: Interval }) {
  const { t } = useTranslation();
  const { points, change } = useFormats();
  const { relative } = readout;
  return (
    <>
      <span className={styles.value}>{t("effect.points", { value: points(interval.value) })}</span>
      {relative && (
        <span className={styles.relative}>{t("effect.relative", { value: change(relative.value) })}</span>
      )}
    </>
  );
}

function Scale({ interval }: { interval: Interval }) {
  const { t } = useTranslation();
  return (
    <div>
      <IntervalBar interval={interval} isLabelled />
      <div className={styles.sides} aria-hidden="true">
        <span>{t("effect.worse")}</span>
        <span>{t("effect.better")}</span>
      </div>
    </div>
  );
}

function Arms({ readout }: { readout: Readout }) {
  const { t } = useTranslation();
  const { count, share } = useFormats();
  return (
    <table className={styles.arms}>
      <caption className="visually-hidden">{t("readout.arms")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("readout.arm")}</th>
          <th scope="col">{t("readout.people")}</th>
          <th scope="col">{t("readout.matured")}</th>
          <th scope="col">{t("readout.reached")}</th>
          <th scope="col">{t("readout.rate")}</th>
        </tr>
      </thead>
      <tbody>
        {readout.arms.map((arm) => (
          <tr key={arm.arm}>
            <th scope="row">
              <span className={`${styles.dot} ${arm.arm === "treated" ? styles.treated : styles.control}`} />
              {arm.arm === "treated" || arm.arm === "control" ? t(`journey.arm.${arm.arm}`) : arm.arm}
            </th>
            <td>{count(arm.people)}</td>
            <td>{count(arm.matured)}</td>
            <td>{count(arm.reached)}</td>
            <td className={styles.rate}>{arm.goal_rate === null ? "–" : share(arm.goal_rate)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the verdict rests on, each as a sentence. */
function Grounds({ readout }: { readout: Readout }) {
  const { t } = useTranslation();
  const { share, probability } = useFormats();
  const { srm, matured_share, people_needed, left_out } = readout;
  const matured = readout.arms.reduce((sum, arm) => sum + arm.matured, 0);
  return (
    <ul className={styles.grounds}>
      {srm && (
        <li className={srm.ok ? "" : styles.alarm}>
          {srm.ok ? (
            <CheckCircleOutlined aria-hidden="true" />
          ) : (
            <ExclamationCircleOutlined aria-hidden="true" />
          )}
          <span>{t(srm.ok ? "readout.srmOk" : "readout.srmFailed", { p: probability(srm.p_value) })}</span>
        </li>
      )}
      {matured_share !== null && (
        <Ground>{t("readout.maturedShare", { share: share(matured_share) })}</Ground>
      )}
      {readout.obstacle === null && people_needed !== null && matured < people_needed && (
        <Ground>{t("readout.peopleNeeded", { count: people_needed })}</Ground>
      )}
      {left_out > 0 && <Ground>{t("readout.leftOut", { count: left_out })}</Ground>}
      <Ground>{t("readout.alwaysValid")}</Ground>
    </ul>
  );
}

function Ground({ children }: { children: string }) {
  return (
    <li>
      <span className={styles.bullet} aria-hidden="true" />
      <span>{children}</span>
    </li>
  );
}

function Messages({ readout }: { readout: Readout }) {
  const { t } = useTranslation();
  const { count } = useFormats();
  const stateOf = useMessageState();
  const states = Object.entries(readout.messages);
  if (states.length === 0) return null;
  return (
    <section>
      <h2 className={styles.subtitle}>{t("readout.messages")}</h2>
      <dl className={styles.messages}>
        {states.map(([state, many]) => (
          <div key={state}>
            <dt>
              <span className={styles.dot} style={{ background: stateOf(state).colour }} />
              {stateOf(state).label} <span className={styles.meaning}>{stateOf(state).meaning}</span>
            </dt>
            <dd>{count(many)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
