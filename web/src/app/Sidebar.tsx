import { ApartmentOutlined, LogoutOutlined, SearchOutlined, SunOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { journeysQuery } from "@/api/journeys";
import { sessionQuery } from "@/api/session";
import { useWorkspace } from "@/api/workspace";
import { LanguageButton } from "@/app/LanguageButton";
import { openPalette } from "@/app/palette";
import styles from "@/app/Sidebar.module.css";
import { ThemeButton } from "@/app/ThemeButton";
import { useLeave } from "@/app/useLeave";
import { WorkspaceSwitcher } from "@/app/WorkspaceSwitcher";
import { Mark } from "@/ui/Mark";

const IS_MAC = /Mac|iP(hone|ad)/.test(globalThis.navigator?.userAgent ?? "");
const SHORTCUT = IS_MAC ? "⌘K" : "Ctrl K";

/** Where one can go from everywhere. */
export function Sidebar() {
  const { t } = useTranslation();
  const leave = useLeave();
  const { name } = useWorkspace();
  const { data: session } = useQuery(sessionQuery);
  const { data: listed } = useQuery(journeysQuery(name));
  return (
    <div className={styles.side}>
      <div className={styles.brand}>
        <Mark />
        <span>{t("brand")}</span>
      </div>
      <WorkspaceSwitcher />
      <button type="button" className={styles.search} onClick={openPalette}>
        <SearchOutlined aria-hidden="true" />
        <span>{t("palette.open")}</span>
        <kbd className={styles.key}>{SHORTCUT}</kbd>
      </button>
      <nav aria-label={t("nav.label")} className={styles.nav}>
        <Entry to={`/w/${name}/today`} icon={<SunOutlined aria-hidden="true" />}>
          {t("nav.today")}
        </Entry>
        <Entry to={`/w/${name}/journeys`} icon={<ApartmentOutlined aria-hidden="true" />}>
          {t("nav.journeys")}
        </Entry>
        <ul className={styles.sub}>
          {listed?.journeys.map((journey) => (
            <li key={journey.id}>
              <NavLink
                to={`/w/${name}/journeys/${journey.id}`}
                className={({ isActive }) => `${styles.subEntry} ${isActive ? styles.here : ""}`}
              >
                <span className={`${styles.dot} ${styles[journey.state]}`} aria-hidden="true" />
                <span className={styles.subName}>{journey.name || journey.id}</span>
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <div className={styles.foot}>
        <LanguageButton />
        <ThemeButton />
        <Button type="text" icon={<LogoutOutlined />} aria-label={t("session.leave")} onClick={leave} />
        <span className={styles.version}>{session?.version}</span>
      </div>
    </div>
  );
}

function Entry({ to, icon, children }: { to: string; icon: ReactNode; children: ReactNode }) {
  return (
    <NavLink to={to} end className={({ isActive }) => `${styles.entry} ${isActive ? styles.here : ""}`}>
      {icon}
      {children}
    </NavLink>
  );
}
