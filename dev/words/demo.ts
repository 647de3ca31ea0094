import type { Texts } from "#shared/platform/text.ts";

/** What `npm run demo` tells while it runs, and at the end. */
export const DEMO = {
  starting: {
    en: "Starting Postgres, the API, the edge functions (Deno) and an amoCRM simulator…",
    ru: "Запускаем Postgres, API, функции (Deno) и симулятор amoCRM…",
  },
  startingSession: {
    en: "Starting Postgres, the API, the edge functions (Deno), an amoCRM simulator, and a browser that signs in to it…",
    ru: "Запускаем Postgres, API, функции (Deno), симулятор amoCRM и браузер, который в него входит…",
  },
  sessionEnds: {
    en: "amoCRM ends the session. The next call signs in again.",
    ru: "amoCRM завершает сессию. Следующий вызов войдёт снова.",
  },
  signIns: { en: "sign-ins of the browser", ru: "входов браузера" },
  wrongSignIns: {
    en: "{count} sign-ins instead of {right}",
    ru: "Входов {count} вместо {right}",
  },
  up: {
    en: "Up after {seconds} s. Pace: one request in {ms} ms.",
    ru: "Запущено за {seconds} с. Темп: один запрос в {ms} мс.",
  },
  answered: { en: "the answer was {status}", ru: "ответ {status}" },
  sent: {
    en: "{count} forms sent with the public key in {ms} ms: {accepted} accepted, {refused} refused.",
    ru: "С публичным ключом за {ms} мс {count|отправлена|отправлены|отправлено} {count} {count|форма|формы|форм}: принято {accepted}, отклонено {refused}.",
  },
  refusedOne: { en: "refused: {reason}", ru: "отклонена: {reason}" },
  done: { en: "Done in {seconds} s.", ru: "Готово за {seconds} с." },
  down: {
    en: "amoCRM goes down for {seconds} s. Forms are still accepted; messages wait.",
    ru: "amoCRM пропадает на {seconds} с. Формы принимаются и дальше, сообщения ждут.",
  },
  back: {
    en: "amoCRM is back. The next probe of the breaker will find it.",
    ru: "amoCRM снова на месте. Её найдёт следующая проба предохранителя.",
  },
  reached: { en: "What reached the CRM", ru: "Что дошло до CRM" },
  accepted: { en: "accepted", ru: "принято" },
  refused: { en: "refused", ru: "отклонено" },
  people: { en: "people behind them", ru: "людей за ними" },
  delivered: { en: "delivered", ru: "доставлено" },
  contacts: { en: "contacts in amoCRM", ru: "контактов в amoCRM" },
  deals: { en: "deals in amoCRM", ru: "сделок в amoCRM" },
  notes: { en: "notes in amoCRM", ru: "примечаний в amoCRM" },
  requests: { en: "requests", ru: "запросов" },
  perLead: { en: "{count} ({each} per lead)", ru: "{count} ({each} на заявку)" },
  limited: { en: "429 answers", ru: "ответов 429" },
  lost: { en: "answers lost in the outage", ru: "ответов потеряно при сбое" },
  slowest: { en: "slowest lead", ru: "самая долгая заявка" },
  seconds: { en: "{n} s", ru: "{n} с" },
  longest: { en: "CPU of the longest call", ru: "процессор на самый долгий вызов" },
  ms: { en: "{n} ms", ru: "{n} мс" },
  sequence: {
    en: "One person's sequence, ten minutes and a day later in fast time",
    ru: "Цепочка одного человека, через десять минут и через день в ускоренном времени",
  },
  atOnce: { en: "at once", ru: "сразу" },
  afterMinutes: { en: "after 10 minutes", ru: "через 10 минут" },
  afterDay: { en: "after a day", ru: "через день" },
  mail: { en: "mail", ru: "письмо" },
  sms: { en: "SMS ", ru: "SMS   " },
  notArrived: { en: "has not arrived ({state})", ru: "не пришло ({state})" },
  wrongSequence: {
    en: "The sequence did not arrive once and whole",
    ru: "Цепочка пришла не целиком или не один раз",
  },
  missing: {
    en: "{count} {count|lead is|leads are} missing",
    ru: "Не {count|дошла|дошли|дошло} {count} {count|заявка|заявки|заявок}",
  },
  wrongContacts: { en: "{count} contacts for {people} people", ru: "Контактов {count}, а людей {people}" },
  wrongDeals: { en: "{count} deals for {people} people", ru: "Сделок {count}, а людей {people}" },
  wrongNotes: { en: "{count} notes for {leads} leads", ru: "Примечаний {count}, а заявок {leads}" },
  unsolved: {
    en: "message {id} {state} {code} {reason}",
    ru: "сообщение {id} {state} {code} {reason}",
  },
  right: {
    en: "Every accepted lead is in the CRM, none is doubled.",
    ru: "Каждая принятая заявка есть в CRM, ни одна не задвоена.",
  },
} as const satisfies Texts;
