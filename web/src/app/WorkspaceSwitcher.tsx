import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { sessionQuery } from "@/api/session";
import { useWorkspace } from "@/api/workspace";
import styles from "@/app/WorkspaceSwitcher.module.css";

export function WorkspaceSwitcher() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  const options = session?.workspaces.map((workspace) => ({
    value: workspace.name,
    label: (
      <span className={styles.option}>
        <span className={styles.name}>{workspace.name}</span>
        {workspace.is_rehearsal && <span className={styles.note}>{t("workspace.rehearsal")}</span>}
      </span>
    ),
  }));
  return (
    <Select
      aria-label={t("workspace.switch")}
      value={name}
      options={options ?? []}
      popupMatchSelectWidth={false}
      onChange={(chosen: string) => void navigate(`/w/${chosen}/today`)}
    />
  );
}
