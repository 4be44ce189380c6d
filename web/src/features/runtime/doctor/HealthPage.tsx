import { CheckCircleFilled, CloseCircleFilled, ReloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { doctorQuery } from "@/api/health";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/runtime/doctor/HealthPage.module.css";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";

/** Everything that must always hold, and whether it does. */
export function HealthPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(doctorQuery(name));
  return (
    <Page
      title={t("nav.health")}
      beside={
        query.data && (
          <Badge tone={query.data.ok ? "good" : "bad"} hasDot>
            {t(query.data.ok ? "health.well" : "health.unwell")}
          </Badge>
        )
      }
      below={t("health.lead")}
      actions={
        <Button icon={<ReloadOutlined />} loading={query.isFetching} onClick={() => void query.refetch()}>
          {t("health.again")}
        </Button>
      }
    >
      <Answer query={query} height={480}>
        {({ checks }) => {
          const failing = checks.filter(({ ok }) => !ok);
          const passing = checks.filter(({ ok }) => ok);
          return (
            <>
              {failing.length > 0 && (
                <Panel title={t("health.failing", { count: failing.length })}>
                  <Checks checks={failing} />
                </Panel>
              )}
              <Panel title={t("health.passing", { count: passing.length })}>
                <Checks checks={passing} />
              </Panel>
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

function Checks({ checks }: { checks: readonly { name: string; ok: boolean; detail: string }[] }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.checks}>
      {checks.map(({ name, ok, detail }) => (
        <li key={name} className={styles.check}>
          {ok ? (
            <CheckCircleFilled className={styles.well} aria-label={t("health.well")} />
          ) : (
            <CloseCircleFilled className={styles.unwell} aria-label={t("health.unwell")} />
          )}
          <code>{name}</code>
          <span>{detail}</span>
        </li>
      ))}
    </ul>
  );
}
