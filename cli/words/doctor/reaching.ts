import type { Sayings } from "../../doctor/words.ts";

/** What doctor says of the command itself and of reaching the functions. */
export const REACHING = {
  command_ok: {
    says: { en: "{url}, by {origin}", ru: "{url}, задан в {origin}" },
  },
  project_unnamed: {
    says: {
      en: "SUPABASE_URL and SUPABASE_SECRET_KEY are not set, and there is no local stack at {file}",
      ru: "SUPABASE_URL и SUPABASE_SECRET_KEY не заданы, и локального стека в {file} нет",
    },
    mend: {
      en: "set both, in the environment or in .env; or for a local stack: npm run dev",
      ru: "задайте обе в окружении или в .env; для локального стека: npm run dev",
    },
  },
  stack_missing: {
    says: { en: "There is no local stack at {file}", ru: "Локального стека в {file} нет" },
    mend: { en: "npm run dev", ru: "npm run dev" },
  },
  url_missing: {
    says: { en: "SUPABASE_URL is not set", ru: "SUPABASE_URL не задан" },
    mend: { en: "set it to https://<project>.supabase.co", ru: "задайте https://<проект>.supabase.co" },
  },
  url_malformed: {
    says: { en: "SUPABASE_URL is no http or https URL", ru: "SUPABASE_URL — не адрес http или https" },
    mend: { en: "set it to https://<project>.supabase.co", ru: "задайте https://<проект>.supabase.co" },
  },
  url_of_dashboard: {
    says: {
      en: "SUPABASE_URL is an address of the dashboard",
      ru: "SUPABASE_URL — адрес панели управления, а не проекта",
    },
    mend: { en: "SUPABASE_URL={url}", ru: "SUPABASE_URL={url}" },
  },
  key_missing: {
    says: { en: "SUPABASE_SECRET_KEY is not set", ru: "SUPABASE_SECRET_KEY не задан" },
    mend: {
      en: "dashboard, project settings, API keys: a secret key (sb_secret_…)",
      ru: "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    },
  },
  key_publishable: {
    says: {
      en: "SUPABASE_SECRET_KEY is the publishable key, which is for pages",
      ru: "В SUPABASE_SECRET_KEY публичный ключ (publishable), он для страниц",
    },
    mend: {
      en: "dashboard, project settings, API keys: a secret key (sb_secret_…)",
      ru: "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    },
  },
  key_anon: {
    says: {
      en: "SUPABASE_SECRET_KEY is the old anon key, which is for pages",
      ru: "В SUPABASE_SECRET_KEY старый ключ anon, он для страниц",
    },
    mend: {
      en: "dashboard, project settings, API keys: a secret key (sb_secret_…)",
      ru: "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    },
  },
  key_service_role: {
    says: {
      en: "SUPABASE_SECRET_KEY is the old service_role key, which the functions do not take",
      ru: "В SUPABASE_SECRET_KEY старый ключ service_role, функции его не принимают",
    },
    mend: {
      en: "dashboard, project settings, API keys: a secret key (sb_secret_…)",
      ru: "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    },
  },
  key_odd: {
    says: {
      en: "SUPABASE_SECRET_KEY does not begin with sb_secret_",
      ru: "SUPABASE_SECRET_KEY не начинается с sb_secret_",
    },
    mend: {
      en: "compare it with the dashboard, project settings, API keys",
      ru: "сверьте: панель, настройки проекта, API keys",
    },
  },
  command_clock_off: {
    says: {
      en: "This machine's clock is {seconds} s ahead of the functions' (behind, if negative)",
      ru: "Часы этой машины впереди часов функций на {seconds} с (минус — отстают)",
    },
    mend: { en: "set this machine's clock", ru: "установите часы этой машины" },
  },
  functions_ok: {
    says: { en: "amocrm-admin answers, version {version}", ru: "amocrm-admin отвечает, версия {version}" },
  },
  host_unknown: {
    says: { en: "There is no host {host} (DNS)", ru: "Узла {host} не существует (DNS)" },
    mend: {
      en: "check SUPABASE_URL and the network; a paused project is woken up in the dashboard",
      ru: "проверьте SUPABASE_URL и сеть; приостановленный проект включается в панели",
    },
  },
  host_refuses: {
    says: { en: "{host} refuses the connection", ru: "{host} не принимает соединение" },
    mend: { en: "check SUPABASE_URL and its port", ru: "проверьте SUPABASE_URL и порт" },
  },
  host_tls: {
    says: {
      en: "The certificate of {host} is not trusted ({reason})",
      ru: "Сертификату {host} нет доверия ({reason})",
    },
    mend: {
      en: "a proxy that reads along? NODE_EXTRA_CA_CERTS=<its certificate>",
      ru: "прокси вскрывает трафик? NODE_EXTRA_CA_CERTS=<его сертификат>",
    },
  },
  host_unreachable: {
    says: { en: "No connection to {host} ({reason})", ru: "Нет соединения с {host} ({reason})" },
    mend: { en: "check the network and SUPABASE_URL", ru: "проверьте сеть и SUPABASE_URL" },
  },
  stack_gone: {
    says: {
      en: "The local stack of {file} no longer runs",
      ru: "Локальный стек из {file} больше не работает",
    },
    mend: { en: "npm run dev", ru: "npm run dev" },
  },
  functions_timeout: {
    says: { en: "amocrm-admin does not answer in time", ru: "amocrm-admin не отвечает вовремя" },
    mend: {
      en: "try again; then dashboard, Edge Functions, amocrm-admin, logs",
      ru: "повторите; затем панель, Edge Functions, amocrm-admin, логи",
    },
  },
  functions_key_refused: {
    says: {
      en: "401: the project refuses SUPABASE_SECRET_KEY: it is of another project, or was deleted",
      ru: "401: проект отклоняет SUPABASE_SECRET_KEY: ключ другого проекта или удалён",
    },
    mend: {
      en: "dashboard, project settings, API keys: a secret key (sb_secret_…) of this project",
      ru: "панель, настройки проекта, API keys: секретный ключ (sb_secret_…) этого проекта",
    },
  },
  functions_forbidden: {
    says: {
      en: "403: this key or user is no admin's",
      ru: "403: у этого ключа или пользователя нет роли admin",
    },
    mend: {
      en: "use a secret key (sb_secret_…) of the project",
      ru: "возьмите секретный ключ (sb_secret_…) проекта",
    },
  },
  functions_missing: {
    says: { en: "404: there is no function at {url}", ru: "404: по адресу {url} нет функции" },
    mend: {
      en: "check SUPABASE_URL; npx supabase functions deploy",
      ru: "проверьте SUPABASE_URL; npx supabase functions deploy",
    },
  },
  functions_do_not_start: {
    says: { en: "503: amocrm-admin does not start", ru: "503: amocrm-admin не запускается" },
    mend: {
      en: "dashboard, Edge Functions, amocrm-admin, logs",
      ru: "панель, Edge Functions, amocrm-admin, логи",
    },
  },
  functions_old: {
    says: {
      en: "The functions are of another version than this command",
      ru: "Версия функций не та, что у этой команды",
    },
    mend: { en: "npx supabase functions deploy", ru: "npx supabase functions deploy" },
  },
  functions_failed: {
    says: { en: "amocrm-admin failed ({status})", ru: "Сбой amocrm-admin ({status})" },
    mend: {
      en: "dashboard, Edge Functions, amocrm-admin, logs",
      ru: "панель, Edge Functions, amocrm-admin, логи",
    },
  },
  rest_unasked: {
    says: {
      en: "Everything else is unknown until the functions answer",
      ru: "Остальное неизвестно, пока функции не ответят",
    },
  },
} as const satisfies Sayings;
