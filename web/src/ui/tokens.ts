/** Every colour and measure of the console. AntD's theme, the style sheets and the charts are made from these. */
export interface Palette {
  canvas: string;
  surface: string;
  sunken: string;
  line: string;
  lineStrong: string;
  text: string;
  textSoft: string;
  textFaint: string;
  accent: string;
  accentHover: string;
  accentSoft: string;
  onAccent: string;
  good: string;
  goodSoft: string;
  warn: string;
  warnSoft: string;
  bad: string;
  badSoft: string;
  shadow: string;
}

export const LIGHT: Palette = {
  canvas: "#f5f7f6",
  surface: "#ffffff",
  sunken: "#eff2f0",
  line: "#e3e8e5",
  lineStrong: "#c9d1cc",
  text: "#16201b",
  textSoft: "#4d5952",
  textFaint: "#626e67",
  accent: "#1f7a5c",
  accentHover: "#186248",
  accentSoft: "#e4f1ec",
  onAccent: "#ffffff",
  good: "#1f7a5c",
  goodSoft: "#e4f1ec",
  warn: "#8a5a00",
  warnSoft: "#fbf0d9",
  bad: "#b3381b",
  badSoft: "#fbe9e4",
  shadow: "0 1px 2px rgb(16 32 24 / 6%), 0 4px 12px rgb(16 32 24 / 5%)",
};

export const DARK: Palette = {
  canvas: "#0f1412",
  surface: "#171d1a",
  sunken: "#1e2522",
  line: "#29312d",
  lineStrong: "#43504a",
  text: "#e8edea",
  textSoft: "#b1bcb6",
  textFaint: "#95a19a",
  accent: "#56b893",
  accentHover: "#74cdab",
  accentSoft: "#1b3029",
  onAccent: "#08130e",
  good: "#56b893",
  goodSoft: "#1b3029",
  warn: "#e5b35c",
  warnSoft: "#342a17",
  bad: "#ef8a6f",
  badSoft: "#3a211b",
  shadow: "0 1px 2px rgb(0 0 0 / 40%)",
};

/** Series colours in their order, after Okabe and Ito, led by the accent: told apart by the colour-blind too. */
export const SERIES: Record<"light" | "dark", readonly string[]> = {
  light: ["#1f7a5c", "#e69f00", "#3a9bd6", "#d55e00", "#8c6bb1", "#7a857f"],
  dark: ["#56b893", "#e8b04a", "#66b7e8", "#f0803c", "#b79ad6", "#8d9992"],
};

const LATIN =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial';
const CHINESE = '"PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei"';

/** System fonts; in Chinese the Chinese ones lead, so that punctuation has its full width. */
export const FONTS = {
  en: `${LATIN}, ${CHINESE}, sans-serif`,
  "zh-CN": `${CHINESE}, ${LATIN}, sans-serif`,
} as const;
export const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

/** The grid everything stands on, in pixels. */
export const STEP = 8;
export const RADIUS = { small: 6, medium: 8, large: 12 } as const;
