import { theme as antd, type ThemeConfig } from "antd";
import { createContext, useContext } from "react";
import type { Language } from "@/lib/languages";
import { DARK, FONTS, LIGHT, MONO, type Palette, RADIUS, SERIES, STEP } from "@/ui/tokens";

export type Mode = "light" | "dark";

export const PALETTES: Record<Mode, Palette> = { light: LIGHT, dark: DARK };

/** Who asked their system for less motion gets none from us. */
const PREFERS_STILLNESS = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

export const ModeContext = createContext<Mode>("light");

/** The colours in use, for what is drawn by script. */
export function usePalette(): Palette & { series: readonly string[]; mode: Mode } {
  const mode = useContext(ModeContext);
  return { ...PALETTES[mode], series: SERIES[mode], mode };
}

/** AntD's theme made from our tokens. */
export function antdTheme(mode: Mode): ThemeConfig {
  const colours = PALETTES[mode];
  return {
    algorithm: mode === "dark" ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: colours.accent,
      colorLink: colours.accent,
      colorInfo: colours.accent,
      colorSuccess: colours.good,
      colorWarning: colours.warn,
      colorError: colours.bad,
      colorBgLayout: colours.canvas,
      colorBgContainer: colours.surface,
      colorBgElevated: colours.surface,
      colorText: colours.text,
      colorTextSecondary: colours.textSoft,
      colorTextTertiary: colours.textFaint,
      colorTextPlaceholder: colours.textFaint,
      colorTextLightSolid: mode === "dark" ? colours.text : "#ffffff",
      colorBorder: colours.lineStrong,
      colorBorderSecondary: colours.line,
      borderRadius: RADIUS.medium,
      borderRadiusSM: RADIUS.small,
      borderRadiusLG: RADIUS.large,
      fontFamily: "var(--font)",
      fontFamilyCode: MONO,
      fontSize: 14,
      controlHeight: 4 * STEP,
      wireframe: false,
      motion: !PREFERS_STILLNESS,
    },
    components: {
      Button: { primaryColor: colours.onAccent, primaryShadow: "none", defaultShadow: "none" },
      Tooltip: { colorBgSpotlight: mode === "dark" ? colours.lineStrong : colours.text },
      Skeleton: { gradientFromColor: colours.sunken, gradientToColor: colours.line },
      Segmented: {
        trackBg: colours.sunken,
        itemSelectedBg: colours.surface,
        itemColor: colours.textSoft,
        itemSelectedColor: colours.text,
      },
    },
  };
}

/** Write the tokens where the style sheets read them. */
export function applyTokens(mode: Mode, language: Language, to: HTMLElement): void {
  for (const [name, value] of Object.entries(PALETTES[mode]))
    to.style.setProperty(`--${dashed(name)}`, value);
  SERIES[mode].forEach((colour, place) => {
    to.style.setProperty(`--series-${place + 1}`, colour);
  });
  to.style.setProperty("--font", FONTS[language]);
  to.style.setProperty("--mono", MONO);
  for (const [name, value] of Object.entries(RADIUS)) to.style.setProperty(`--radius-${name}`, `${value}px`);
  to.style.colorScheme = mode;
  to.dataset.mode = mode;
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
