import type { Texts } from "#shared/platform/text.ts";

/** `plan`. */
export const PLAN = {
  purpose: {
    en: "What would be sent to amoCRM, request by request, and why. Sends nothing.",
    ru: "Что ушло бы в amoCRM, запрос за запросом, и почему. Ничего не отправляет.",
  },
  help: {
    en: `
The code that delivers works on what waits, with an account on paper: reads are answered from our copy of amoCRM, writes are
listed and not made. No request leaves, no row changes. Of each person the message whose turn it is is shown; others come after.

A plan is as true as our copy: what a manager changed since the last pull may lead elsewhere. It holds names and addresses.

Exit code: 0, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- plan
  npm run amocrm -- plan --lead 2f1c0a52-8d0e-4a0e-9c83-3c2f5d1f7a10
  npx amocrm plan --pending --limit 200 --json | jq '.requests[] | {method, path, entity_ids}'`,
    ru: `
Над ожидающими сообщениями работает тот же код, что доставляет, но с аккаунтом на бумаге: чтение отвечается из нашей копии
amoCRM, запись только перечисляется. Ни один запрос не уходит, ни одна строка не меняется. От каждого человека показано
сообщение, чья сейчас очередь; остальные идут следом.

План верен настолько, насколько верна наша копия: правки менеджеров после последнего pull могут всё изменить. В нём есть имена и
адреса.

Код возврата: 0; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- plan
  npm run amocrm -- plan --lead 2f1c0a52-8d0e-4a0e-9c83-3c2f5d1f7a10
  npx amocrm plan --pending --limit 200 --json | jq '.requests[] | {method, path, entity_ids}'`,
  },
  pending: { en: "all that waits, which is the default", ru: "всё, что ждёт; так и без флага" },
  lead: { en: "of one lead or student, by its id", ru: "одной заявки или одного ученика, по номеру строки" },
  limit: { en: "how many messages at most; default: 50", ru: "сколько сообщений самое большее; обычно 50" },
  either: { en: "Give --pending or --lead, not both", ru: "Укажите --pending или --lead, не оба" },
  nothing: { en: "Nothing waits: nothing would be sent.", ru: "Ничего не ждёт: отправлять нечего." },
  requests: {
    en: "{count} {count|request|requests} would be made:",
    ru: "{count|Ушёл бы|Ушло бы|Ушло бы} {count} {count|запрос|запроса|запросов}:",
  },
  none: { en: "No request would be made.", ru: "Ни один запрос не ушёл бы." },
  forMessages: { en: "for {ids}", ru: "для {ids}" },
  isNew: { en: "new", ru: "новая" },
  why: { en: "Why:", ru: "Почему:" },
  later: {
    en: "{count} more {count|message waits|messages wait} behind these.",
    ru: "Ещё {count} {count|сообщение ждёт|сообщения ждут|сообщений ждут} за ними.",
  },
  route: {
    en: "route {source}: pipeline {pipeline}, stage {stage}",
    ru: "маршрут {source}: воронка {pipeline}, этап {stage}",
  },
  contact_by_link: { en: "contact {id}, known", ru: "контакт {id}, уже известен" },
  contact_by_email: { en: "contact {id}, by e-mail in our copy", ru: "контакт {id}, по почте в нашей копии" },
  contact_by_phone: {
    en: "contact {id}, by phone in our copy",
    ru: "контакт {id}, по телефону в нашей копии",
  },
  contact_by_search: { en: "contact {id}, by a search", ru: "контакт {id}, найден поиском" },
  contact_unknown: { en: "no contact is known", ru: "контакт неизвестен" },
  deal_own: { en: "deal {id}, its own", ru: "сделка {id}, своя" },
  deal_open: {
    en: "deal {id}, the person's freshest open one in the pipeline",
    ru: "сделка {id}, самая свежая открытая этого человека в воронке",
  },
  deal_won: { en: "deal {id}, won: a note and nothing else", ru: "сделка {id}, успешная: только примечание" },
  deal_new: { en: "a new deal", ru: "новая сделка" },
  ends: { en: "ends as {verdict}: {message}", ru: "итог {verdict}: {message}" },
} as const satisfies Texts;
