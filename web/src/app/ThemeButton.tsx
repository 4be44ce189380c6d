import { BulbOutlined, DesktopOutlined, MoonOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { preferences, THEMES, type Theme, usePreferences } from "@/lib/preferences";

const ICONS: Record<Theme, ReactNode> = {
  light: <BulbOutlined />,
  dark: <MoonOutlined />,
  system: <DesktopOutlined />,
};

export function ThemeButton() {
  const { t } = useTranslation();
  const { theme } = usePreferences();
  const items = THEMES.map((each) => ({
    key: each,
    icon: ICONS[each],
    label: t(`theme.${each}`),
    onClick: () => preferences.set({ theme: each }),
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items, selectable: true, selectedKeys: [theme] }}>
      <Button type="text" icon={ICONS[theme]} aria-label={t("theme.label")} />
    </Dropdown>
  );
}
