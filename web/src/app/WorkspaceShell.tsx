import { MenuOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation, useParams } from "react-router";
import { sessionQuery } from "@/api/session";
import { WorkspaceContext } from "@/api/workspace";
import { CommandPalette } from "@/app/CommandPalette";
import { ConnectionBanner } from "@/app/ConnectionBanner";
import { NotFound } from "@/app/NotFound";
import { Sidebar } from "@/app/Sidebar";
import { TourGuide, TourInvitation } from "@/app/Tour";
import styles from "@/app/WorkspaceShell.module.css";
import { preferences } from "@/lib/preferences";
import { Mark } from "@/ui/Mark";

/** The frame around every page of a workspace. */
export function WorkspaceShell() {
  const { t } = useTranslation();
  const { workspace: name } = useParams();
  const { data: session } = useQuery(sessionQuery);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const { pathname } = useLocation();
  const workspace = session?.workspaces.find((each) => each.name === name);
  const known = workspace?.name;
  useEffect(() => {
    if (known) preferences.set({ workspace: known });
  }, [known]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the address changes
  useEffect(() => setMenuOpen(false), [pathname]);
  if (!workspace) return <NotFound />;
  return (
    <WorkspaceContext value={workspace}>
      <a className={styles.skip} href="#content">
        {t("action.skip")}
      </a>
      <div className={styles.shell}>
        <aside className={styles.side}>
          <Sidebar />
        </aside>
        <header className={styles.top}>
          <Button
            type="text"
            icon={<MenuOutlined />}
            aria-label={t("action.openMenu")}
            onClick={() => setMenuOpen(true)}
          />
          <Mark size={24} />
          <strong>{workspace.name}</strong>
        </header>
        <div className={styles.content}>
          <ConnectionBanner />
          <TourInvitation />
          <Outlet />
        </div>
      </div>
      <Drawer
        open={isMenuOpen}
        onClose={() => setMenuOpen(false)}
        placement="left"
        size={264}
        closable={false}
        styles={{ body: { padding: 0 } }}
        aria-label={t("nav.label")}
      >
        <Sidebar />
      </Drawer>
      <CommandPalette />
      <TourGuide />
    </WorkspaceContext>
  );
}
