import { part } from "../kit/element.ts";
import type { Texts } from "./texts.ts";

const STORAGE_KEY = "dashboard.theme";
const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** Light, dark, or as the system is; remembered in this browser. */
export function wireTheme(texts: () => Texts): { draw(): void } {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = part("theme", HTMLButtonElement);
  const stored = localStorage.getItem(STORAGE_KEY);
  let theme: Theme = THEMES.find((one) => one === stored) ?? "auto";
  const draw = (): void => {
    const isDark = theme === "dark" || (theme === "auto" && system.matches);
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    const { themeAuto, themeLight, themeDark } = texts();
    button.textContent = { auto: themeAuto, light: themeLight, dark: themeDark }[theme];
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    localStorage.setItem(STORAGE_KEY, theme);
    draw();
  });
  system.addEventListener("change", draw);
  draw();
  return { draw };
}
