import type { Texts } from "../../platform/text.ts";

/** The frame of a mail about an incident; what each code means stands in watch/mails/alert-texts. */
export const ALERT_MAIL = {
  over: { en: "Over: {title}", ru: "Закончилось: {title}" },
  lasted: {
    en: "{title}: over. It lasted from {since} to {until}.",
    ru: "{title}: закончилось. Длилось с {since} до {until}.",
  },
  opened: {
    en: "{title}. Since {since}, {severity}. {advice}",
    ru: "{title}. С {since}, {severity}. {advice}",
  },
  project: { en: "Project: {project}", ru: "Проект: {project}" },
  runbook: { en: "Runbook: {place}", ru: "Инструкция: {place}" },
  critical: { en: "critical", ru: "критично" },
  warning: { en: "warning", ru: "предупреждение" },
  info: { en: "info", ru: "к сведению" },
} as const satisfies Texts;
