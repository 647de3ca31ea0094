import type { Texts } from "#shared/platform/text.ts";

/** `webhook`: whether amoCRM tells of changes by itself. */
export const WEBHOOK = {
  purpose: {
    en: "amoCRM's hooks: makes, removes or checks the subscription.",
    ru: "Вебхуки amoCRM: создаёт, убирает или проверяет подписку.",
  },
  help: {
    en: `
With hooks changes of deals and contacts are known within seconds instead of at the next pull.

  webhook on       subscribes, with a secret of its own; once more gives it a new secret
  webhook off      takes every subscription to our address away
  webhook status   how it stands in amoCRM, and what came (also without a word)

It needs a token of an administrator and a tariff that has webhooks. The former secret stays good for two hours.

Exit code: 0; 1 if it could not be done, or is not as it should be; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- webhook on
  npx amocrm webhook status --json | jq .status`,
    ru: `
С вебхуками изменения сделок и контактов известны через секунды, а не при следующем чтении.

  webhook on       подписывает, со своим секретом; ещё раз — меняет секрет
  webhook off      убирает все подписки на наш адрес
  webhook status   как обстоят дела в amoCRM и что пришло (также без слова)

Нужны токен администратора и тариф, в котором есть вебхуки. Прежний секрет действует ещё два часа.

Код возврата: 0; 1, если не получилось или что-то не так; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- webhook on
  npx amocrm webhook status --json | jq .status`,
  },
  mode: { en: "on, off or status (the default)", ru: "on, off или status (обычно)" },
  modes: {
    en: "webhook takes on, off or status, not {typed}",
    ru: "webhook понимает on, off или status, а не {typed}",
  },
  plan: {
    en: "amoCRM answers that webhooks are not in the account's tariff (402): they need the Advanced tariff or a higher one. Pulls go on as before",
    ru: "amoCRM отвечает, что вебхуков нет в тарифе аккаунта (402): нужен тариф «Расширенный» или выше. Чтение идёт как раньше",
  },
  rights: {
    en: "amoCRM answers that the token's user may not manage webhooks (403): connect as an administrator of the account. Pulls go on as before",
    ru: "amoCRM отвечает, что пользователю токена нельзя управлять вебхуками (403): подключитесь как администратор аккаунта. Чтение идёт как раньше",
  },
  noAddress: {
    en: "Nobody knows yet where the functions are: npm run amocrm -- setup",
    ru: "Пока неизвестно, где находятся функции: npm run amocrm -- setup",
  },
  failed: { en: "amoCRM did not do it: {reason}", ru: "amoCRM этого не сделала: {reason}" },
  isOn: { en: "amoCRM's hooks come here", ru: "Вебхуки amoCRM приходят сюда" },
  isOff: {
    en: "amoCRM's hooks are off; changes come by pulls",
    ru: "Вебхуки amoCRM выключены; изменения приходят при чтении",
  },
  isDisabled: {
    en: "amoCRM has disabled the subscription: npm run amocrm -- webhook on",
    ru: "amoCRM отключила подписку: npm run amocrm -- webhook on",
  },
  isMissing: {
    en: "The subscription is gone from amoCRM: npm run amocrm -- webhook on",
    ru: "Подписки в amoCRM больше нет: npm run amocrm -- webhook on",
  },
  isUnknown: {
    en: "How the subscription stands could not be asked",
    ru: "Как обстоят дела с подпиской, спросить не удалось",
  },
  noDelivery: { en: "Nothing has come yet", ru: "Пока ничего не приходило" },
  lastDelivery: { en: "The last delivery came {at}", ru: "Последняя доставка: {at}" },
  deliveries: {
    en: "{day} {day|delivery|deliveries} in a day, {hour} in the last hour, {duplicates} repeated",
    ru: "За сутки {day} {day|доставка|доставки|доставок}, за последний час {hour}, повторных {duplicates}",
  },
  changes: {
    en: "Changes in a day: {hooks} by hooks, {pulls} that only a pull found",
    ru: "Изменений за сутки: {hooks} по вебхукам, {pulls} нашло только чтение",
  },
  unreadable: {
    en: "{count} {count|delivery|deliveries} could not be read",
    ru: "{count|Не прочитана|Не прочитаны|Не прочитано} {count} {count|доставка|доставки|доставок}",
  },
  foreign: {
    en: "{count} {count|delivery|deliveries} named another account; nothing of them was read",
    ru: "{count} {count|доставка|доставки|доставок} из другого аккаунта; из них ничего не прочитано",
  },
  healed: { en: "Made again by itself {at}", ru: "Создана заново сама: {at}" },
  healthy: {
    en: "Healthy: pulls rest four times as long",
    ru: "Всё хорошо: чтение отдыхает вчетверо дольше",
  },
  notHealthy: {
    en: "Pulls come as often as without hooks",
    ru: "Чтение идёт так же часто, как без вебхуков",
  },
} as const satisfies Texts;
