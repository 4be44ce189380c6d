import { QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider, App as Notices } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { type ReactNode, useEffect, useLayoutEffect, useMemo } from "react";
import { RouterProvider } from "react-router";
import { createQueries } from "@/api/queries";
import { createRoutes } from "@/app/routes";
import { useMode } from "@/app/useMode";
import { speak } from "@/lib/i18n";
import type { Language } from "@/lib/languages";
import { usePreferences } from "@/lib/preferences";
import { antdTheme, applyTokens, ModeContext } from "@/ui/theme";

const LOCALES: Record<Language, typeof en> = { en, "zh-CN": zh };

const queries = createQueries();
const routes = createRoutes();

/** The console: its look, its language, its data, its pages. */
export function App() {
  return (
    <Look>
      <QueryClientProvider client={queries}>
        <RouterProvider router={routes} />
      </QueryClientProvider>
    </Look>
  );
}

function Look({ children }: { children: ReactNode }) {
  const { language } = usePreferences();
  const mode = useMode();
  const theme = useMemo(() => antdTheme(mode), [mode]);
  useLayoutEffect(() => applyTokens(mode, language, document.documentElement), [mode, language]);
  useEffect(() => void speak(language), [language]);
  return (
    <ModeContext value={mode}>
      <ConfigProvider theme={theme} locale={LOCALES[language]} button={{ autoInsertSpace: false }}>
        <Notices component={false}>{children}</Notices>
      </ConfigProvider>
    </ModeContext>
  );
}
