import { DisconnectOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/app/ConnectionBanner.module.css";
import { useConnection } from "@/lib/connection";

const AGAIN = 5_000;

/** Says that the server is out of reach, and keeps trying; what was loaded stays on the page. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const { isLost } = useConnection();
  const queries = useQueryClient();
  useEffect(() => {
    if (!isLost) return undefined;
    const timer = setInterval(() => void queries.invalidateQueries(), AGAIN);
    return () => clearInterval(timer);
  }, [isLost, queries]);
  if (!isLost) return null;
  return (
    <div className={styles.banner} role="alert">
      <DisconnectOutlined aria-hidden="true" />
      <span>{t("connection.lost")}</span>
      <Button size="small" onClick={() => void queries.invalidateQueries()}>
        {t("action.retry")}
      </Button>
    </div>
  );
}
