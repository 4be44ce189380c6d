import { TranslationOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { LANGUAGES } from "@/lib/languages";
import { preferences, usePreferences } from "@/lib/preferences";

export function LanguageButton() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const now = t(`language.short.${language}`);
  const items = LANGUAGES.map((each) => ({
    key: each,
    label: <span lang={each}>{t(`language.${each}`)}</span>,
    onClick: () => preferences.set({ language: each }),
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items, selectable: true, selectedKeys: [language] }}>
      <Button type="text" icon={<TranslationOutlined />} aria-label={t("language.choose", { now })}>
        {now}
      </Button>
    </Dropdown>
  );
}
