import type { Texts } from "#shared/platform/text.ts";

/** What is said of a flag or variable that cannot be understood. */
export const FLAGS = {
  count: {
    en: "{flag} must be a whole number from 1 to {max}",
    ru: "{flag}: нужно целое число от 1 до {max}",
  },
  id: {
    en: "{place} must be a positive whole number, not {typed}",
    ru: "{place}: нужно целое положительное число, а не {typed}",
  },
  messageId: {
    en: "A message is named by its number, not {typed}",
    ru: "Сообщение называют по номеру, а не {typed}",
  },
  messageIdRemedy: { en: "npm run amocrm -- dead lists the numbers", ru: "Номера: npm run amocrm -- dead" },
  stage: {
    en: "--stage must be event=pipeline:stage, not {typed}",
    ru: "--stage: нужно событие=воронка:этап, а не {typed}",
  },
  pipelineIn: { en: "The pipeline in --stage {event}", ru: "Воронка в --stage {event}" },
  stageIn: { en: "The stage in --stage {event}", ru: "Этап в --stage {event}" },
  field: {
    en: "--field must be contact.path=field or deal.path=field, not {typed}",
    ru: "--field: нужно contact.путь=поле или deal.путь=поле, а не {typed}",
  },
  fieldRemedy: {
    en: "--field deal.metadata.tariff=415, or a field's code instead of its id",
    ru: "--field deal.metadata.tariff=415 или код поля вместо номера",
  },
  fieldIn: { en: "The field in --field {row}", ru: "Поле в --field {row}" },
  olderStage: {
    en: "{name} is set, but AMOCRM_TRIPWIRE_PIPELINE_ID is not: a stage is only unique in its pipeline",
    ru: "Задана {name}, но не AMOCRM_TRIPWIRE_PIPELINE_ID: номер этапа понятен только вместе с воронкой",
  },
  statusAlone: {
    en: "--status needs --pipeline: a stage is only unique in its pipeline",
    ru: "К --status нужен --pipeline: номер этапа понятен только вместе с воронкой",
  },
  onRepeat: {
    en: "--on-repeat must be {known}, not {typed}",
    ru: "--on-repeat может быть {known}, но не {typed}",
  },
  cronKey: {
    en: "--cron-key is of no effect any more: the database calls with a token of its own, amocrm_call_token.",
    ru: "--cron-key больше ни на что не влияет: база вызывает функции со своим ключом amocrm_call_token.",
  },
  table: {
    en: "--table must be unified_lead_tracking or tripwire_users",
    ru: "--table может быть unified_lead_tracking или tripwire_users",
  },
  since: {
    en: "--since must be a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00+03:00",
    ru: "--since: нужен день, например 2026-01-31, или время, например 2026-01-31T12:00:00+03:00",
  },
  sinceFuture: { en: "--since lies in the future", ru: "--since: этот момент ещё не наступил" },
  nobody: { en: "Nobody can be asked here", ru: "Здесь некого спросить" },
  addYes: {
    en: "Add --yes to do it without being asked{alternative}",
    ru: "Добавьте --yes, чтобы выполнить без вопроса{alternative}",
  },
  noAlternative: { en: "", ru: "" },
} as const satisfies Texts;
