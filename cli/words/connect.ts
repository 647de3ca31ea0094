import type { Texts } from "#shared/platform/text.ts";

/** `connect`. */
export const CONNECT = {
  purpose: {
    en: "Connects amoCRM: prints a link for the browser and waits.",
    ru: "Подключает amoCRM: печатает ссылку для браузера и ждёт.",
  },
  help: {
    en: `
Prints a link and waits until somebody has connected amoCRM with it: open it in a browser, or send it to the administrator
of the amoCRM account, and allow access. The link lasts for 30 minutes and connects once; fetching it, as mail scanners and
chat previews do, does not spoil it. Ctrl-C ends the waiting only.

Needed are AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_REDIRECT_URI of the integration (supabase secrets set), and no
AMOCRM_ACCESS_TOKEN. The redirect URI is <project>/functions/v1/amocrm-oauth/callback.

Another account than the one connected before is refused, because leads would go to the wrong place. With --switch it is
taken: what is known of the old account's contacts and deals is forgotten, and sending is paused until routes are checked.

Exit code: 0 if connected, or with --json as soon as there is a link; 1 if the link expired, the waiting was interrupted or
something is missing; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- connect
  npx amocrm connect --json | jq -r .url
  npm run amocrm -- connect --switch`,
    ru: `
Печатает ссылку и ждёт, пока по ней не подключат amoCRM: откройте её в браузере или отправьте администратору аккаунта amoCRM и
разрешите доступ. Ссылка действует 30 минут и подключает один раз; если её прочтёт почтовый фильтр или предпросмотр чата, она не
портится. Ctrl-C прекращает только ожидание.

Нужны AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET и AMOCRM_REDIRECT_URI интеграции (supabase secrets set), без AMOCRM_ACCESS_TOKEN.
Адрес перенаправления: <проект>/functions/v1/amocrm-oauth/callback.

Другой аккаунт, чем был подключён раньше, не принимается: заявки ушли бы не туда. С --switch он принимается: всё, что известно
о контактах и сделках прежнего, забывается, и отправка стоит на паузе, пока не проверены маршруты.

Код возврата: 0, если подключено, а с --json как только есть ссылка; 1, если срок ссылки истёк, ожидание прервано или чего-то не
хватает; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- connect
  npx amocrm connect --json | jq -r .url
  npm run amocrm -- connect --switch`,
  },
  switch: {
    en: "take another account than the one connected before",
    ru: "принять другой аккаунт, чем был подключён раньше",
  },
  open: {
    en: "Open this link in a browser, or send it to the administrator of the amoCRM account:",
    ru: "Откройте ссылку в браузере или отправьте её администратору аккаунта amoCRM:",
  },
  connected: { en: "Connected: {host}", ru: "Подключено: {host}" },
  connectedId: { en: "Connected: {host}, account {id}", ru: "Подключено: {host}, аккаунт {id}" },
  next: {
    en: "npm run amocrm -- status tells whether leads arrive",
    ru: "Доходят ли заявки, покажет npm run amocrm -- status",
  },
  lastTry: {
    en: "The last try ended with {outcome}; the page says why. The link still works.",
    ru: "Последняя попытка закончилась так: {outcome}; почему, сказано на странице. Ссылка ещё действует.",
  },
  waiting: { en: "Waiting: {left} at most", ru: "Ожидание, самое большее {left}" },
  expired: {
    en: "Nobody has connected amoCRM with the link, and it has expired",
    ru: "По ссылке никто не подключил amoCRM, и её срок истёк",
  },
  again: { en: "npm run amocrm -- connect makes a new one", ru: "Новая ссылка: npm run amocrm -- connect" },
  notYet: { en: "Not connected yet", ru: "Ещё не подключено" },
  linkLasts: {
    en: "The link works until it expires, also without this command",
    ru: "Ссылка действует до конца срока и без этой команды",
  },
} as const satisfies Texts;
