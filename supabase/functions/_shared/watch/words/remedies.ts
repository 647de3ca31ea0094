import type { Texts } from "../../platform/text.ts";

/** What the database says is to be done. Commands and SQL stay as they are pasted. */
export const REMEDIES = {
  disk: {
    en: "Free or enlarge the disk in the dashboard of Supabase, project settings, Compute and Disk; then: set session characteristics as transaction read write; vacuum",
    ru: "Освободите или увеличьте диск в панели Supabase: настройки проекта, Compute and Disk; затем: set session characteristics as transaction read write; vacuum",
  },
  resume: { en: "select amocrm_resume()", ru: "npm run amocrm -- resume" },
  mailResume: { en: "select message_resume()", ru: "npm run amocrm -- mails resume" },
  settings: {
    en: "npx supabase secrets set --remote={ref} NAME=value; npm run amocrm -- doctor tells what is wrong with each",
    ru: "npx supabase secrets set --remote={ref} NAME=value; что не так с каждой, скажет npm run amocrm -- doctor",
  },
  drainLogs: {
    en: "See the logs of the function {name}; npm run amocrm -- doctor tells whether migrations are missing",
    ru: "Смотрите журнал функции {name}; не хватает ли миграций, скажет npm run amocrm -- doctor",
  },
  logs: { en: "See the logs of the function {name}", ru: "Смотрите журнал функции {name}" },
  addRoute: {
    en: "Add a row to amocrm_routes, or one with source *: npm run amocrm -- setup --source <name> --pipeline <id>; npm run amocrm -- pipelines lists the ids",
    ru: "Добавьте маршрут для источника или для *: npm run amocrm -- setup --source <имя> --pipeline <id>; номера покажет npm run amocrm -- pipelines",
  },
  namePipeline: {
    en: "Name the pipeline in amocrm_routes: npm run amocrm -- setup --source <name> --pipeline <id>; npm run amocrm -- pipelines lists the ids",
    ru: "Назовите воронку в маршруте: npm run amocrm -- setup --source <имя> --pipeline <id>; номера покажет npm run amocrm -- pipelines",
  },
  addStage: {
    en: "Add a row for student.created to amocrm_stages: npm run amocrm -- setup --stage student.created=<pipeline>:<stage>",
    ru: "Добавьте этап student.created: npm run amocrm -- setup --stage student.created=<воронка>:<этап>",
  },
  addRow: {
    en: "Add the row to amocrm_routes, with its pipeline, or for an event to amocrm_stages: npm run amocrm -- setup",
    ru: "Добавьте маршрут с воронкой, а для события этап: npm run amocrm -- setup",
  },
  dead: {
    en: "npm run amocrm -- dead, or select * from amocrm_dead_letters",
    ru: "npm run amocrm -- dead или select * from amocrm_dead_letters",
  },
  pace: {
    en: "select * from amocrm_outbox_status tells why; if it is the pace: npm run amocrm -- setup --min-interval-ms <fewer>",
    ru: "Почему, скажет select * from amocrm_outbox_status; если дело в темпе: npm run amocrm -- setup --min-interval-ms <меньше>",
  },
  testLead: {
    en: "Send a test lead through each landing page, and look at its console for a refused request",
    ru: "Отправьте пробную заявку с каждого лендинга и посмотрите в консоли страницы, не отклонён ли запрос",
  },
  quarantine: { en: "select * from amocrm_quarantine", ru: "npm run amocrm -- quarantine" },
  flood: {
    en: "select * from amocrm_quarantine; amocrm_discard_quarantine(…) what is junk, then select amocrm_release_quarantine()",
    ru: "npm run amocrm -- quarantine: мусор discard, настоящее release",
  },
  otherAccount: {
    en: "Set the token of the account of before; if the account does change: npm run amocrm -- setup --switch, or with OAuth npm run amocrm -- connect --switch",
    ru: "Задайте токен прежнего аккаунта; если аккаунт и правда меняется: npm run amocrm -- setup --switch, с OAuth npm run amocrm -- connect --switch",
  },
  copied: {
    en: "Only if this database is to send: npm run amocrm -- setup --switch, or with OAuth npm run amocrm -- connect (docs/operate/runbook.md, a restored backup)",
    ru: "Только если отправлять должна эта база: npm run amocrm -- setup --switch, с OAuth npm run amocrm -- connect (docs/operate/runbook.md, восстановление из копии)",
  },
  wait: {
    en: "Wait: it is tried again by itself, at least each 5 minutes. At once: select amocrm_resume()",
    ru: "Ждите: попытки идут сами, не реже чем раз в 5 минут. Сразу: npm run amocrm -- resume",
  },
  thenResume: {
    en: "{remedy}, then: select amocrm_resume()",
    ru: "{remedy}, затем: npm run amocrm -- resume",
  },
  thenMailResume: {
    en: "Mend the cause, then: select message_resume()",
    ru: "Устраните причину, затем: npm run amocrm -- mails resume",
  },
  unauthorized: {
    en: "Switch the integration on in amoCRM; else make a new long-lived token there and set AMOCRM_ACCESS_TOKEN, or npm run amocrm -- connect",
    ru: "Включите интеграцию в amoCRM; иначе создайте там новый долгосрочный токен и задайте AMOCRM_ACCESS_TOKEN либо npm run amocrm -- connect",
  },
  unpaid: { en: "Pay the amoCRM account", ru: "Оплатите аккаунт amoCRM" },
  blocked: {
    en: "Write to amoCRM's support, and raise min_interval_ms of amocrm_settings if other integrations are at work",
    ru: "Напишите в поддержку amoCRM и увеличьте min_interval_ms в amocrm_settings, если работают другие интеграции",
  },
  forbidden: {
    en: "Let the user of the token see and edit deals and contacts in amoCRM",
    ru: "Разрешите пользователю токена видеть и менять сделки и контакты в amoCRM",
  },
  address: {
    en: "Check AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL",
    ru: "Проверьте AMOCRM_SUBDOMAIN и AMOCRM_BASE_URL",
  },
  renamed: {
    en: "Look whether the account was renamed or deleted, and check AMOCRM_SUBDOMAIN and AMOCRM_BASE_URL",
    ru: "Посмотрите, не переименован ли и не удалён ли аккаунт, проверьте AMOCRM_SUBDOMAIN и AMOCRM_BASE_URL",
  },
  unexplained: {
    en: "Look in amoCRM at the subscription, the account's limits and the rights of the token's user; its own words are in breaker_message",
    ru: "Посмотрите в amoCRM подписку, ограничения аккаунта и права пользователя токена; её собственные слова в breaker_message",
  },
  refused: {
    en: "Look in amoCRM at the subscription and the rights of the token's user, and at what stands before it; its own words are in breaker_message",
    ru: "Посмотрите в amoCRM подписку и права пользователя токена и что стоит перед ней; её собственные слова в breaker_message",
  },
  mend: { en: "Mend the cause", ru: "Устраните причину" },
  roadKey: {
    en: "The functions do not know what Vault shows them (amocrm_call_token; amocrm_cron_key is no secret key of this project): npm run amocrm -- setup",
    ru: "Функции не знают ключа из Vault (amocrm_call_token; amocrm_cron_key не секретный ключ этого проекта): npm run amocrm -- setup",
  },
  roadUrl: {
    en: "The Vault secret amocrm_functions_url is wrong, or amocrm-drain is not deployed: npm run amocrm -- doctor tells which",
    ru: "Секрет Vault amocrm_functions_url неверен или amocrm-drain не развёрнута; что именно, скажет npm run amocrm -- doctor",
  },
  roadNet: {
    en: "Check the Vault secret amocrm_functions_url, and that pg_net runs: npm run amocrm -- doctor tells which",
    ru: "Проверьте секрет Vault amocrm_functions_url и работает ли pg_net; что именно, скажет npm run amocrm -- doctor",
  },
  deployOne: { en: "Deploy the function {name}", ru: "Разверните функцию {name}" },
  newToken: {
    en: "Make a new long-lived token in amoCRM, then: {command}",
    ru: "Создайте в amoCRM новый долгосрочный токен, затем: {command}",
  },
  client: {
    en: "Check AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_REDIRECT_URI of the functions",
    ru: "Проверьте AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET и AMOCRM_REDIRECT_URI функций",
  },
  integration: {
    en: "Check that the integration is switched on in amoCRM, and AMOCRM_SUBDOMAIN",
    ru: "Проверьте, включена ли интеграция в amoCRM, и AMOCRM_SUBDOMAIN",
  },
  renews: {
    en: "It is tried again by itself; see the logs of the functions for token_refresh_failed",
    ru: "Попытки идут сами; в журнале функций ищите token_refresh_failed",
  },
  enabled: {
    en: "Check that AMOCRM_ENABLED is true and that amocrm-oauth is deployed; else npm run amocrm -- connect",
    ru: "Проверьте, что AMOCRM_ENABLED=true и amocrm-oauth развёрнута; иначе npm run amocrm -- connect",
  },
  vault: {
    en: "create extension supabase_vault with schema vault; then npm run amocrm -- setup, and with OAuth npm run amocrm -- connect",
    ru: "create extension supabase_vault with schema vault; затем npm run amocrm -- setup, с OAuth ещё npm run amocrm -- connect",
  },
  restart: {
    en: "pg_cron stands still: restart the project in the dashboard, project settings, General",
    ru: "pg_cron стоит: перезапустите проект в панели Supabase, настройки проекта, General",
  },
  runDetails: {
    en: "{sql}; are all migrations applied?",
    ru: "{sql}; все ли миграции применены?",
  },
  column: {
    en: "Give a column of yours that is named a default, or drop the trigger or constraint (docs/start/adopting.md); then select amocrm.sweep()",
    ru: "Дайте названной колонке значение по умолчанию или удалите триггер либо ограничение (docs/start/adopting.md); затем select amocrm.sweep()",
  },
  extensions: {
    en: "Check the extensions pg_cron, pg_net and supabase_vault, and that all migrations are applied",
    ru: "Проверьте расширения pg_cron, pg_net и supabase_vault и все ли миграции применены",
  },
  mailDeployed: {
    en: "select * from amocrm_health; check that message-drain is deployed",
    ru: "select * from amocrm_health; проверьте, развёрнута ли message-drain",
  },
} as const satisfies Texts;
