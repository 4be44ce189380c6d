import { CloseOutlined, CompassOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import styles from "@/app/Tour.module.css";
import { endTour, startTour, useTour } from "@/app/touring";
import { usePreferences } from "@/lib/preferences";

const Steps = lazy(() => import("@/app/TourSteps").then((module) => ({ default: module.TourSteps })));

/** Offers the tour on the first page, until it was taken or declined. */
export function TourInvitation() {
  const { t } = useTranslation();
  const { hasSeenTour } = usePreferences();
  const { pathname } = useLocation();
  const isUnderWay = useTour();
  if (hasSeenTour || isUnderWay || !pathname.endsWith("/today")) return null;
  return (
    <aside className={styles.invitation} aria-label={t("tour.label")}>
      <CompassOutlined aria-hidden="true" />
      <span className={styles.words}>{t("tour.invitation")}</span>
      <Button size="small" type="primary" onClick={startTour}>
        {t("tour.start")}
      </Button>
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t("tour.decline")}
        onClick={endTour}
      />
    </aside>
  );
}

/** The tour while it is under way; fetched when it begins. */
export function TourGuide() {
  if (!useTour()) return null;
  return (
    <Suspense>
      <Steps />
    </Suspense>
  );
}
