import { LogoutOutlined, SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { journeysQuery } from "@/api/journeys";
import { sessionQuery } from "@/api/session";
import { useMay, useWorkspace } from "@/api/workspace";
import { AREAS, type Area, type AreaGroup } from "@/app/areas";
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
  const { data: session } = useQuery(sessionQuery);
  return (
    <div className={styles.side}>
      <div className={styles.brand}>
        <Mark />
        <span>{t("brand")}</span>
      </div>
      <WorkspaceSwitcher />
      <button type="button" className={styles.search} onClick={openPalette} data-tour="palette">
        <SearchOutlined aria-hidden="true" />
        <span>{t("palette.open")}</span>
        <kbd className={styles.key}>{SHORTCUT}</kbd>
      </button>
      <nav aria-label={t("nav.label")} className={styles.nav}>
        {AREAS.map((group) => (
          <Group key={group.key} group={group} />
        ))}
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

function Group({ group }: { group: AreaGroup }) {
  const { t } = useTranslation();
  const may = useMay();
  const shown = group.areas.filter(({ needs }) => may(needs));
  if (shown.length === 0) return null;
  return (
    <div className={styles.section} data-tour={group.key}>
      {group.key !== "start" && <div className={styles.heading}>{t(`nav.group.${group.key}`)}</div>}
      {shown.map((area) => (
        <Entry key={area.key} area={area} />
      ))}
    </div>
  );
}

function Entry({ area }: { area: Area }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  return (
    <>
      <NavLink
        to={`/w/${name}/${area.key}`}
        end={area.key === "journeys"}
        className={({ isActive }) => `${styles.entry} ${isActive ? styles.here : ""}`}
      >
        {area.icon}
        {t(`nav.${area.key}`)}
      </NavLink>
      {area.key === "journeys" && <Journeys />}
    </>
  );
}

/** As many as leave room for the rest; all of them are on their own page. */
const MOST_JOURNEYS = 8;

function Journeys() {
  const { name } = useWorkspace();
  const { data: listed } = useQuery(journeysQuery(name));
  return (
    <ul className={styles.sub}>
      {listed?.journeys.slice(0, MOST_JOURNEYS).map((journey) => (
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
  );
}
