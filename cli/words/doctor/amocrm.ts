import type { Sayings } from "../../doctor/words.ts";

/** What doctor says of the token, the account and the clocks. */
export const AMOCRM = {
  token_ok: {
    says: {
      en: "A long-lived token is set; it does not tell how long it lasts",
      ru: "Долгосрочный токен задан; сколько он действует, по нему не видно",
    },
  },
  token_lasts: {
    says: {
      en: "The long-lived token lasts for {days} days",
      ru: "Долгосрочный токен действует ещё {days} дн.",
    },
  },
  token_connected: {
    says: {
      en: "Connected to {host}; without a refresh it would last for {days} days",
      ru: "Подключено: {host}; без обновления хватило бы на {days} дн.",
    },
  },
  token_expires_soon: {
    says: {
      en: "The long-lived token lasts for {days} days only",
      ru: "Долгосрочному токену осталось {days} дн.",
    },
    mend: {
      en: "amoCRM, settings, integrations: a new one; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
      ru: "amoCRM, настройки, интеграции: новый токен; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
    },
  },
  token_expired: {
    says: {
      en: "The long-lived token expired {days} days ago",
      ru: "Долгосрочный токен истёк {days} дн. назад",
    },
    mend: {
      en: "amoCRM, settings, integrations: a new one; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
      ru: "amoCRM, настройки, интеграции: новый токен; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
    },
  },
  token_none: {
    says: { en: "amoCRM is not connected yet", ru: "amoCRM ещё не подключена" },
    mend: { en: "npm run amocrm -- connect", ru: "npm run amocrm -- connect" },
  },
  token_reauth: {
    says: {
      en: "amoCRM has ended the connection to {host} ({reason})",
      ru: "amoCRM разорвала подключение к {host} ({reason})",
    },
    mend: { en: "npm run amocrm -- connect", ru: "npm run amocrm -- connect" },
  },
  token_refused: {
    says: { en: "amoCRM has refused the token since {since}", ru: "amoCRM не принимает токен с {since}" },
    mend: {
      en: "switch the integration on in amoCRM; else a new long-lived token and npx supabase secrets set AMOCRM_ACCESS_TOKEN=…, or npm run amocrm -- connect",
      ru: "включите интеграцию в amoCRM; иначе новый долгосрочный токен и npx supabase secrets set AMOCRM_ACCESS_TOKEN=… или npm run amocrm -- connect",
    },
  },
  token_foreign: {
    says: {
      en: "This database belongs to another project, {project}: it is a copy, and nothing is sent from it",
      ru: "Эта база принадлежит другому проекту, {project}: это копия, и из неё ничего не отправляется",
    },
    mend: {
      en: "only if this project is to send from it: {command}",
      ru: "только если отправлять должен этот проект: {command}",
    },
  },
  token_restored: {
    says: {
      en: "This database was restored or copied: what waits in it may have been sent long ago, so nothing is sent",
      ru: "База восстановлена или скопирована: ожидающее в ней, возможно, давно отправлено, поэтому ничего не отправляется",
    },
    mend: {
      en: "docs/operate/runbook.md, a restored backup; then: {command}",
      ru: "docs/operate/runbook.md, восстановление из копии; затем: {command}",
    },
  },
  token_other_account: {
    says: {
      en: "The token is of another amoCRM account than {id}, whose contacts and deals are here: nothing is sent",
      ru: "Токен другого аккаунта amoCRM, а контакты и сделки здесь из аккаунта {id}: ничего не отправляется",
    },
    mend: {
      en: "set the token of account {id}; if the account does change: {command}",
      ru: "задайте токен аккаунта {id}; если аккаунт действительно меняется: {command}",
    },
  },
  token_unreadable: {
    says: {
      en: "Vault cannot give back the tokens: was this database restored from another project?",
      ru: "Vault не отдаёт токены: база восстановлена из другого проекта?",
    },
    mend: { en: "npm run amocrm -- connect", ru: "npm run amocrm -- connect" },
  },
  token_session: {
    says: {
      en: "No token: calls go through the session service at {url}, which is the last resort",
      ru: "Токена нет: вызовы идут через сервис сессии {url}, а это крайнее средство",
    },
    mend: {
      en: "a long-lived token or OAuth wins over it: docs/start/keys.md",
      ru: "долгосрочный токен или OAuth важнее него: docs/start/keys.ru.md",
    },
  },
  token_refresh_failing: {
    says: {
      en: "The last {count} refreshes failed ({reason}); it is tried again",
      ru: "Неудачных обновлений подряд: {count} ({reason}); попытки идут",
    },
    mend: {
      en: "if it goes on: npm run amocrm -- connect",
      ru: "если не пройдёт: npm run amocrm -- connect",
    },
  },
  amocrm_ok: {
    says: {
      en: "Account {name} ({subdomain}, {id}) answers",
      ru: "Аккаунт {name} ({subdomain}, {id}) отвечает",
    },
  },
  amocrm_unasked: {
    says: { en: "Unknown until the variables are right", ru: "Неизвестно, пока переменные не в порядке" },
  },
  amocrm_paused: {
    says: { en: "Unknown while sending is paused", ru: "Неизвестно, пока отправка на паузе" },
  },
  amocrm_no_slot: {
    says: {
      en: "Unknown: the pace has no slot for a question now",
      ru: "Неизвестно: темп сейчас не оставляет места для вопроса",
    },
    mend: { en: "try again in a minute", ru: "повторите через минуту" },
  },
  amocrm_rate_limited: {
    says: {
      en: "429: too many requests, possibly those of another integration of the account; we wait and go on more slowly",
      ru: "429: слишком много запросов, возможно, от другой интеграции аккаунта; ждём и идём медленнее",
    },
    mend: {
      en: "wait; if it stays: npm run amocrm -- setup --min-interval-ms 2000",
      ru: "подождите; если не пройдёт: npm run amocrm -- setup --min-interval-ms 2000",
    },
  },
  amocrm_unauthorized: {
    says: {
      en: "401: amoCRM refuses the token: wrong, revoked, expired, or the integration is switched off",
      ru: "401: amoCRM не принимает токен: неверен, отозван, истёк, либо интеграция отключена",
    },
    mend: {
      en: "amoCRM, settings, integrations: is it on? Then a new token: npx supabase secrets set AMOCRM_ACCESS_TOKEN=…, or npm run amocrm -- connect",
      ru: "amoCRM, настройки, интеграции: включена ли? Затем новый токен: npx supabase secrets set AMOCRM_ACCESS_TOKEN=… или npm run amocrm -- connect",
    },
  },
  amocrm_no_session: {
    says: {
      en: "The session service lets no call through: {reason}",
      ru: "Сервис сессии не пропускает вызовы: {reason}",
    },
    mend: {
      en: "docs/areas/session.md, what it answers",
      ru: "docs/areas/session.ru.md, что он отвечает",
    },
  },
  amocrm_no_token: {
    says: { en: "There is no token to ask with: {reason}", ru: "Нет токена для запроса: {reason}" },
    mend: { en: "npm run amocrm -- connect", ru: "npm run amocrm -- connect" },
  },
  amocrm_unpaid: {
    says: { en: "402: the amoCRM account is not paid", ru: "402: аккаунт amoCRM не оплачен" },
    mend: { en: "pay it, then: npm run amocrm -- resume", ru: "оплатите, затем: npm run amocrm -- resume" },
  },
  amocrm_forbidden: {
    says: { en: "403: the token's user lacks rights", ru: "403: у пользователя токена не хватает прав" },
    mend: {
      en: "amoCRM, settings, users: let that user see and edit deals and contacts; or a token of an administrator",
      ru: "amoCRM, настройки, пользователи: дайте ему видеть и менять сделки и контакты; либо токен администратора",
    },
  },
  amocrm_blocked: {
    says: {
      en: "403 with a web page: amoCRM blocks the account or our address for too many requests",
      ru: "403 с веб-страницей: amoCRM блокирует аккаунт или наш адрес за превышение лимита запросов",
    },
    mend: {
      en: "write to amoCRM's support; then: npm run amocrm -- resume",
      ru: "напишите в поддержку amoCRM; затем: npm run amocrm -- resume",
    },
  },
  amocrm_wrong_address: {
    says: {
      en: "404: at this address is no amoCRM account: mistyped, or renamed",
      ru: "404: по этому адресу нет аккаунта amoCRM: опечатка или переименован",
    },
    mend: {
      en: "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
      ru: "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
    },
  },
  amocrm_not_found: {
    says: {
      en: "404: amoCRM does not know the address of its account",
      ru: "404: amoCRM не знает адреса своего аккаунта",
    },
    mend: {
      en: "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
      ru: "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
    },
  },
  amocrm_unreachable: {
    says: {
      en: "No connection to amoCRM: down, or there is no such address",
      ru: "Нет соединения с amoCRM: она лежит или такого адреса нет",
    },
    mend: { en: "check AMOCRM_SUBDOMAIN; else wait", ru: "проверьте AMOCRM_SUBDOMAIN; иначе подождите" },
  },
  amocrm_timeout: {
    says: { en: "amoCRM does not answer in time", ru: "amoCRM не отвечает вовремя" },
    mend: { en: "wait: it is tried again by itself", ru: "подождите: попытки идут сами" },
  },
  amocrm_server_error: {
    says: { en: "amoCRM has a fault of its own (5xx)", ru: "Сбой на стороне amoCRM (5xx)" },
    mend: { en: "wait: it is tried again by itself", ru: "подождите: попытки идут сами" },
  },
  amocrm_odd: {
    says: {
      en: "amoCRM answered with something unexpected ({code})",
      ru: "amoCRM ответила неожиданно ({code})",
    },
    mend: {
      en: "dashboard, Edge Functions, amocrm-drain, logs",
      ru: "панель, Edge Functions, amocrm-drain, логи",
    },
  },
  clock_ok: {
    says: { en: "Database, functions and amoCRM agree", ru: "База, функции и amoCRM идут вровень" },
  },
  clock_database_off: {
    says: {
      en: "The database's clock is {seconds} s ahead of the functions' (behind, if negative)",
      ru: "Часы базы впереди часов функций на {seconds} с (минус — отстают)",
    },
    mend: { en: "a matter of the host: its support", ru: "это дело хостинга: его поддержка" },
  },
  clock_amocrm_off: {
    says: {
      en: "amoCRM's clock is {seconds} s ahead of the functions' (behind, if negative)",
      ru: "Часы amoCRM впереди часов функций на {seconds} с (минус — отстают)",
    },
    mend: {
      en: "check AMOCRM_BASE_URL: a proxy? Else their support",
      ru: "проверьте AMOCRM_BASE_URL: прокси? Иначе их поддержка",
    },
  },
} as const satisfies Sayings;
