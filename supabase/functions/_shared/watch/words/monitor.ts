import type { Texts } from "../../platform/text.ts";

/** What `amocrm-health` answers where the database has not said anything. */
export const MONITOR = {
  late: {
    en: "The database did not answer within 5 seconds",
    ru: "База не ответила за 5 секунд",
  },
  unasked: {
    en: "The database could not be asked; the log of amocrm-health says why",
    ru: "Базу не удалось спросить; причина в журнале amocrm-health",
  },
  running: { en: "Check that the project is running", ru: "Проверьте, работает ли проект" },
} as const satisfies Texts;
