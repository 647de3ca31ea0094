import type { Texts } from "#shared/platform/text.ts";

/** Which project is meant, and why it cannot be asked. */
export const PROJECT = {
  project: { en: "Project: {url} ({kind}, by {origin})", ru: "Проект: {url} ({kind}, из {origin})" },
  hosted: { en: "hosted", ru: "на платформе" },
  local: { en: "local", ru: "локальный" },
  dotenv: { en: "--dotenv: {file} cannot be read", ru: "--dotenv: не удаётся прочитать {file}" },
  unnamed: {
    en: "No project is named: SUPABASE_URL and SUPABASE_SECRET_KEY are not set, and there is no local stack at {file}",
    ru: "Проект не назван: SUPABASE_URL и SUPABASE_SECRET_KEY не заданы, и локального стенда в {file} нет",
  },
  unnamedRemedy: {
    en: "Set both variables, in the environment or in .env, or start the local stack: npm run dev",
    ru: "Задайте обе переменные, в окружении или в .env, либо запустите локальный стенд: npm run dev",
  },
  noStack: { en: "There is no local stack at {file}", ru: "Локального стенда в {file} нет" },
  startStack: { en: "Start it: npm run dev", ru: "Запустите его: npm run dev" },
  noUrl: {
    en: "SUPABASE_SECRET_KEY is set, but SUPABASE_URL is not",
    ru: "SUPABASE_SECRET_KEY задана, а SUPABASE_URL нет",
  },
  noKey: {
    en: "SUPABASE_URL is set, but SUPABASE_SECRET_KEY is not",
    ru: "SUPABASE_URL задана, а SUPABASE_SECRET_KEY нет",
  },
  takeKey: {
    en: "Take a secret key (sb_secret_…) from the project's settings, API keys",
    ru: "Возьмите секретный ключ (sb_secret_…) в настройках проекта, раздел API keys",
  },
  badUrl: {
    en: "SUPABASE_URL is not an http or https URL",
    ru: "SUPABASE_URL не похожа на адрес http или https",
  },
  urlLooks: {
    en: "It looks like https://<project>.supabase.co",
    ru: "Она выглядит так: https://<project>.supabase.co",
  },
  keyPublishable: {
    en: "SUPABASE_SECRET_KEY is the publishable key, which is for pages",
    ru: "В SUPABASE_SECRET_KEY публикуемый ключ, он для страниц",
  },
  keyAnon: {
    en: "SUPABASE_SECRET_KEY is the old anon key, which is for pages",
    ru: "В SUPABASE_SECRET_KEY старый ключ anon, он для страниц",
  },
  keyServiceRole: {
    en: "SUPABASE_SECRET_KEY is the old service_role key, which the functions do not take",
    ru: "В SUPABASE_SECRET_KEY старый ключ service_role, функции его не принимают",
  },
  otherVersion: {
    en: "{url} answered something else than amocrm-admin of this version does",
    ru: "{url} отвечает не так, как amocrm-admin этой версии",
  },
  deploy: {
    en: "Deploy the functions of this version: npx supabase functions deploy",
    ru: "Разверните функции этой версии: npx supabase functions deploy",
  },
  timeout: { en: "{url} did not answer in {seconds} s", ru: "{url} не ответил за {seconds} с" },
  tryAgain: { en: "Try again", ru: "Попробуйте ещё раз" },
  noConnection: { en: "No connection to {url}{code}", ru: "Нет связи с {url}{code}" },
  stackGone: {
    en: "The stack of {origin} no longer runs: npm run dev",
    ru: "Стенд из {origin} больше не работает: npm run dev",
  },
  checkUrl: {
    en: "Check SUPABASE_URL and the network; a paused project is woken up in the dashboard",
    ru: "Проверьте SUPABASE_URL и сеть; приостановленный проект запускают в панели Supabase",
  },
  status: { en: "the answer was {status}", ru: "ответ {status}" },
  expected: {
    en: "npm run amocrm -- {command} --help shows what is expected",
    ru: "Что ожидается: npm run amocrm -- {command} --help",
  },
  keyRefused: { en: "{url} refuses the secret key", ru: "{url} не принимает секретный ключ" },
  stackOld: {
    en: "{origin} is out of date: start npm run dev again",
    ru: "{origin} устарел: запустите npm run dev заново",
  },
  ownKey: {
    en: "SUPABASE_SECRET_KEY must be a secret key of this project (sb_secret_…): dashboard, project settings, API keys",
    ru: "SUPABASE_SECRET_KEY должна быть секретным ключом этого проекта (sb_secret_…): панель Supabase, настройки проекта, API keys",
  },
  useSecretKey: { en: "Use a secret key of the project", ru: "Нужен секретный ключ проекта" },
  noFunction: { en: "There is no amocrm-admin at {url}", ru: "По адресу {url} нет amocrm-admin" },
  noFunctionRemedy: {
    en: "Check SUPABASE_URL, and deploy the functions: npx supabase functions deploy",
    ru: "Проверьте SUPABASE_URL и разверните функции: npx supabase functions deploy",
  },
  notStarting: { en: "amocrm-admin does not start: {told}", ru: "amocrm-admin не запускается: {told}" },
  failed: { en: "amocrm-admin failed ({status}): {told}", ru: "Сбой amocrm-admin ({status}): {told}" },
  logs: {
    en: "Dashboard of Supabase, Edge Functions, amocrm-admin, logs",
    ru: "Панель Supabase, Edge Functions, amocrm-admin, журнал",
  },
  localLogs: {
    en: "Wait some seconds and do it again; the log is in the terminal of npm run dev",
    ru: "Подождите несколько секунд и повторите; журнал в терминале с npm run dev",
  },
  migrations: {
    en: "The migrations are not all there: npx supabase db push",
    ru: "Применены не все миграции: npx supabase db push",
  },
  stackAgain: { en: "start npm run dev again", ru: "запустите npm run dev заново" },
} as const satisfies Texts;
