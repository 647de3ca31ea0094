import type { Texts } from "../../platform/text.ts";

/** What amocrm_health and message_health mention although all is well. */
export const NOTICES = {
  noRoutes: {
    en: "amocrm_routes is empty: leads are saved and wait until npm run amocrm -- setup has said where they go.",
    ru: "Таблица amocrm_routes пуста: заявки сохраняются и ждут, пока npm run amocrm -- setup не скажет, куда их отправлять.",
  },
  content: {
    en: "In the last day amoCRM refused a field or user of {count} {count|message|messages}, which arrived without; the last one at {at}: {reason}. Is the field gone, or is the value not in its list? npm run amocrm -- doctor tells.",
    ru: "За последние сутки amoCRM не приняла поле или ответственного в {count} {count|сообщении|сообщениях|сообщениях}, они дошли без этого; последнее в {at}: {reason}. Поле удалено или значения нет в списке? Скажет npm run amocrm -- doctor.",
  },
  contentMany: {
    en: "In the last day amoCRM refused a field or user of {count} messages or more, which arrived without; the last one at {at}: {reason}. Is the field gone, or is the value not in its list? npm run amocrm -- doctor tells.",
    ru: "За последние сутки amoCRM не приняла поле или ответственного в {count} сообщениях или больше, они дошли без этого; последнее в {at}: {reason}. Поле удалено или значения нет в списке? Скажет npm run amocrm -- doctor.",
  },
  foreignTrigger: {
    en: "The trigger {name} on {table} ({function}) copies leads to unified_lead_tracking as ours does: a copy without landing_lead_id is a second note in amoCRM. {remedy}",
    ru: "Триггер {name} на {table} ({function}) копирует заявки в unified_lead_tracking, как и наш: копия без landing_lead_id станет вторым примечанием в amoCRM. {remedy}",
  },
  unreadable: {
    en: "In the last day amoCRM listed {count} {count|row|rows} without a usable id at {paths}, which were left out: nothing of them is known here, and everybody else is delivered.",
    ru: "За последние сутки amoCRM прислала {count} {count|строку|строки|строк} без пригодного номера ({paths}); они пропущены, о них здесь ничего не известно, остальные доставлены.",
  },
  silence: {
    en: "No lead has come since {at}, where about {count} were to be expected. If it stays so quiet, it becomes an alarm; a test lead through each landing page tells at once.",
    ru: "Заявок нет с {at}, хотя обычно их около {count}. Если так и останется, будет тревога; пробная заявка с каждого лендинга покажет сразу.",
  },
  moved: {
    en: "The amoCRM account has moved from {from} to {to}, and was followed: mend AMOCRM_SUBDOMAIN when convenient.",
    ru: "Аккаунт amoCRM переехал с {from} на {to}, мы последовали за ним: исправьте AMOCRM_SUBDOMAIN, когда будет удобно.",
  },
  markerNext: {
    en: "Deals carry no marker field: when an answer is lost, the deal is recognised by its name only. The next drain makes it; at once: npm run amocrm -- setup --marker",
    ru: "У сделок нет поля-метки: если ответ потеряется, сделка узнаётся только по названию. Поле создаст следующая отправка; сразу: npm run amocrm -- setup --marker",
  },
  markerRefused: {
    en: "Deals carry no marker field: when an answer is lost, the deal is recognised by its name only. It could not be made ({reason}). Give the token's user the right to make fields, or make a text field of deals with the code SUPABASE_LEAD_ID by hand; it is tried again a day after {at}, or at once by: npm run amocrm -- setup --marker",
    ru: "У сделок нет поля-метки: если ответ потеряется, сделка узнаётся только по названию. Создать не удалось ({reason}). Дайте пользователю токена право создавать поля или создайте вручную текстовое поле сделки с кодом SUPABASE_LEAD_ID; следующая попытка через сутки после {at}, сразу: npm run amocrm -- setup --marker",
  },
  markerDied: {
    en: "Deals carry no marker field: when an answer is lost, the deal is recognised by its name only. A drain was ended while it made it; it is tried again a day after {at}, or at once by: npm run amocrm -- setup --marker",
    ru: "У сделок нет поля-метки: если ответ потеряется, сделка узнаётся только по названию. Отправка прервалась, пока его создавала; следующая попытка через сутки после {at}, сразу: npm run amocrm -- setup --marker",
  },
  markerWaits: {
    en: "Deals carry no marker field: when an answer is lost, the deal is recognised by its name only. It is made with the next drain after amoCRM can be asked again ({reason}); at once by: npm run amocrm -- setup --marker",
    ru: "У сделок нет поля-метки: если ответ потеряется, сделка узнаётся только по названию. Его создаст первая отправка, когда amoCRM снова ответит ({reason}); сразу: npm run amocrm -- setup --marker",
  },
  road: {
    en: "Nobody is told when the functions are down ({reason}): npm run amocrm -- setup --alert-url or --dead-man-url, see docs/operate/runbook.md.",
    ru: "Если функции не работают, об этом никто не узнает ({reason}): npm run amocrm -- setup --alert-url или --dead-man-url, см. docs/operate/runbook.md.",
  },
  setAside: {
    en: "Of {what} in amoCRM the mirror holds the ids and keys only, since the rest cannot be stored: correct them there, or see select * from amocrm.set_aside.",
    ru: "В зеркале только номера и ключи: {what}; остальное сохранить нельзя. Исправьте их в amoCRM или посмотрите select * from amocrm.set_aside.",
  },
  outOfOrder: {
    en: "amoCRM lists {what} out of the order by id, so that id may be wrong: look there.",
    ru: "amoCRM прислала не на своём месте по номеру: {what}. Номер может быть неверным: посмотрите там.",
  },
  unordered: {
    en: "amoCRM lists {what} in another order than by id: a whole reading takes twice the requests.",
    ru: "amoCRM отдаёт {what} не по порядку номеров: полное чтение требует вдвое больше запросов.",
  },
  // The reasons of rows in amocrm.set_aside.
  isOutOfOrder: {
    en: "Listed out of the order by id",
    ru: "Стоит в списке не на своём месте по номеру",
  },
  isUnordered: {
    en: "Listed in another order than by id",
    ru: "Список отдаётся не по порядку номеров",
  },
  hooksOff: {
    en: "amoCRM's hooks are off, so what changes there is known here with the next pull: npm run amocrm -- webhook on.",
    ru: "Вебхуки amoCRM выключены: изменения там станут известны со следующим чтением: npm run amocrm -- webhook on.",
  },
  hooksBroken: {
    en: "amoCRM's hooks do not come ({code}), so what changes there is known here with the next pull: npm run amocrm -- webhook on.",
    ru: "Вебхуки amoCRM не приходят ({code}): изменения там станут известны со следующим чтением: npm run amocrm -- webhook on.",
  },
  hooksDeaf: {
    en: "Of late pulls found more changes in amoCRM than its hooks told: npm run amocrm -- webhook status.",
    ru: "В последнее время чтения нашли в amoCRM больше изменений, чем сообщили вебхуки: npm run amocrm -- webhook status.",
  },
  hooksUnchecked: {
    en: "The subscription to amoCRM's hooks was last looked at {at}: npm run amocrm -- webhook status.",
    ru: "Подписку на вебхуки amoCRM последний раз проверяли {at}: npm run amocrm -- webhook status.",
  },
  setAsideBoth: { en: "{one}) and {two}", ru: "{one}) и {two}" },
  setAsideContacts: {
    en: "{count} {count|contact|contacts} ({ids})",
    ru: "{count} {count|контакт|контакта|контактов} ({ids})",
  },
  setAsideDeals: {
    en: "{count} {count|deal|deals} ({ids})",
    ru: "{count} {count|сделка|сделки|сделок} ({ids})",
  },
  tooLarge: { en: "too large to be read", ru: "слишком велики, чтобы прочитать" },
  roadUnknown: {
    en: "Whether anybody is told when the functions are down cannot be found out: {reason}",
    ru: "Узнает ли кто-нибудь, что функции не работают, выяснить не удалось: {reason}",
  },
  upkeep: {
    en: "Old rows stay, since a step of the upkeep fails: {reason}",
    ru: "Старые строки остаются: шаг уборки завершается ошибкой: {reason}",
  },
  noAdmin: {
    en: "ADMIN_EMAIL is not set, or is no address: nobody gets alerts by mail. They are in amocrm_alerts.",
    ru: "ADMIN_EMAIL не задана или это не адрес: оповещений по почте никто не получит. Они в amocrm_alerts.",
  },
  twoReasons: { en: "{one}; {two}", ru: "{one}; {two}" },
} as const satisfies Texts;
