import type { Check } from "#shared/admin/answers.ts";
import type { Text } from "#shared/platform/text.ts";

/** What doctor calls each thing that it looks at. */
export const CHECKS = {
  command: { en: "Project", ru: "Проект" },
  functions: { en: "Functions", ru: "Функции" },
  variables: { en: "Variables", ru: "Переменные" },
  database: { en: "Database", ru: "База" },
  cron: { en: "Cron", ru: "Cron" },
  vault: { en: "Vault", ru: "Vault" },
  road: { en: "Calls", ru: "Вызовы" },
  heartbeats: { en: "Heartbeats", ru: "Пульс" },
  token: { en: "Token", ru: "Токен" },
  amocrm: { en: "amoCRM", ru: "amoCRM" },
  clock: { en: "Clocks", ru: "Часы" },
  places: { en: "Routes", ru: "Маршруты" },
  fields: { en: "Fields", ru: "Поля" },
  sending: { en: "Sending", ru: "Отправка" },
  queue: { en: "Queue", ru: "Очередь" },
  mirror: { en: "Mirror", ru: "Зеркало" },
  channels: { en: "Messages", ru: "Рассылки" },
  alerts: { en: "Alerts", ru: "Оповещения" },
} as const satisfies Readonly<Record<Check, Text>>;
