import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "@/lib/languages";
import type en from "@/locales/en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

const LOCALES: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("@/locales/en.json"),
  "zh-CN": () => import("@/locales/zh-CN.json"),
};

/** Make ready to speak; only the language in use is fetched. */
export async function startSpeaking(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: (await LOCALES[language]()).default } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = language;
}

export async function speak(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await LOCALES[language]()).default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
