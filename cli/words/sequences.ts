import type { Texts } from "#shared/platform/text.ts";

/** `sequences`. */
export const SEQUENCES = {
  purpose: {
    en: "Sequences of mails and SMS: who gets what when, and what came of it.",
    ru: "Цепочки писем и SMS: кто что и когда получит и что из этого вышло.",
  },
  help: {
    en: `
  sequences list                       all of them: version, on, paused, people inside (also without a word)
  sequences show <name>                its steps, of every version
  sequences plan                       who gets which step today; --day for another day, --email or --phone for a person
  sequences results [name]             what came of each step, by the day of entering
  sequences pause <name>               freezes it: newcomers enter and wait
  sequences resume <name> [inside]     goes on; inside: finish (their version), move (to the newest) or leave
  sequences enroll <name> --lead <id>  lets a lead in by hand; twice is once
  sequences withdraw                   somebody wants nothing more: --email, --phone, and if you like --channel and --topic
  sequences release                    lets steps go that mails_per_hour holds

resume with leave, and release, ask; where nobody can be asked, add --yes.

Exit code: 0; 1 if something was refused, or for list if steps are held; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- sequences
  npm run amocrm -- sequences plan --day 2026-05-05
  npm run amocrm -- sequences plan --email asel@example.kz
  npx amocrm sequences results welcome --json | jq '.results[] | {day, step, sent, delivered}'`,
    ru: `
  sequences list                       все: версия, включена ли, на паузе ли, сколько людей внутри (также без слова)
  sequences show <имя>                 её шаги, всех версий
  sequences plan                       кто какой шаг получит сегодня; --day другой день, --email или --phone человек
  sequences results [имя]              что вышло из каждого шага, по дням входа
  sequences pause <имя>                заморозить: новые входят и ждут
  sequences resume <имя> [внутри]      продолжить; внутри: finish (своя версия), move (на новую) или leave (выйти)
  sequences enroll <имя> --lead <id>   добавить заявку вручную; дважды — это один раз
  sequences withdraw                   человек больше ничего не хочет: --email, --phone, по желанию --channel и --topic
  sequences release                    отпустить шаги, которые держит mails_per_hour

resume с leave и release спрашивают; где спросить некого, добавьте --yes.

Код возврата: 0; 1, если что-то не принято, или для list, если шаги задержаны; 2 при неверном вызове; 3, если проект не
удаётся спросить.

Примеры:
  npm run amocrm -- sequences
  npm run amocrm -- sequences plan --day 2026-05-05
  npm run amocrm -- sequences plan --email asel@example.kz
  npx amocrm sequences results welcome --json | jq '.results[] | {day, step, sent, delivered}'`,
  },
  words: {
    en: "list (the default), show, plan, results, pause, resume, enroll, withdraw or release, and the sequence",
    ru: "list (обычно), show, plan, results, pause, resume, enroll, withdraw или release и цепочка",
  },
  email: { en: "the person's e-mail address", ru: "почта человека" },
  phone: { en: "the person's phone number", ru: "телефон человека" },
  day: { en: "the day, as 2026-05-05, in the school's zone", ru: "день, как 2026-05-05, в поясе школы" },
  lead: { en: "the id of the lead that enters", ru: "id заявки, которая входит" },
  channel: { en: "mail or sms; without it both", ru: "mail или sms; без него оба" },
  topic: { en: "the topic; without it all", ru: "тема; без неё все" },
  limit: { en: "so many rows at most", ru: "не больше стольких строк" },
  modes: {
    en: "sequences takes list, show, plan, results, pause, resume, enroll, withdraw or release, not {typed}",
    ru: "sequences понимает list, show, plan, results, pause, resume, enroll, withdraw или release, а не {typed}",
  },
  needsName: {
    en: "{mode} needs the name of one sequence",
    ru: "Для {mode} нужно имя одной цепочки",
  },
  listing: {
    en: "npm run amocrm -- sequences lists them",
    ru: "Список: npm run amocrm -- sequences",
  },
  nothingAfter: { en: "{mode} takes nothing behind it", ru: "После {mode} ничего не указывают" },
  insides: {
    en: "resume takes finish, move or leave, not {typed}",
    ru: "resume понимает finish, move или leave, а не {typed}",
  },
  needsLead: { en: "enroll needs --lead and the id of a lead", ru: "Для enroll нужно --lead и id заявки" },
  needsPerson: {
    en: "withdraw needs --email or --phone",
    ru: "Для withdraw нужно --email или --phone",
  },
  channels: { en: "--channel takes mail or sms", ru: "--channel понимает mail или sms" },
  dayShape: { en: "--day takes a day such as 2026-05-05", ru: "--day понимает день, например 2026-05-05" },
  none: {
    en: "There is no sequence yet: docs/areas/follow-ups.md shows how to write one.",
    ru: "Цепочек ещё нет: как написать первую, показывает docs/areas/follow-ups.ru.md.",
  },
  noSuch: { en: "There is no sequence {name}", ru: "Цепочки {name} нет" },
  on: { en: "on", ru: "включена" },
  off: { en: "off", ru: "выключена" },
  paused: { en: "paused", ru: "на паузе" },
  inOlder: { en: "in older versions", ru: "в старых версиях" },
  held: { en: "held", ru: "задержано" },
  heldSteps: {
    en: "Steps wait for a person because of mails_per_hour: {count} → npm run amocrm -- sequences release",
    ru: "Шаги ждут решения из-за mails_per_hour: {count} → npm run amocrm -- sequences release",
  },
  version: { en: "version", ru: "версия" },
  steps: { en: "steps", ru: "шагов" },
  inside: { en: "people inside", ru: "внутри" },
  nextLook: { en: "next", ru: "ближайший" },
  event: { en: "after", ru: "после" },
  delay: { en: "delay", ru: "задержка" },
  template: { en: "text", ru: "текст" },
  stops: { en: "stops on", ru: "прекращают" },
  topicColumn: { en: "topic", ru: "тема" },
  atOnce: { en: "at once", ru: "сразу" },
  when: { en: "when", ru: "когда" },
  zone: { en: "zone", ru: "пояс" },
  who: { en: "for", ru: "кому" },
  message: { en: "message", ru: "сообщение" },
  nothingThatDay: { en: "Nobody gets anything on {day}.", ru: "На {day} ничего не назначено." },
  nothingForPerson: { en: "This person is in no sequence.", ru: "Этого человека нет в цепочках." },
  planOf: { en: "Steps of {day}: {count}", ru: "Шаги на {day}: {count}" },
  planOfPerson: { en: "Steps: {count}", ru: "Шаги: {count}" },
  more: {
    en: "There may be more: --limit {limit} was reached.",
    ru: "Может быть больше: достигнут --limit {limit}.",
  },
  noResults: { en: "Nobody has entered yet.", ru: "Ещё никто не вошёл." },
  entered: { en: "entered", ru: "вошли" },
  sentColumn: { en: "sent", ru: "ушло" },
  skippedColumn: { en: "skipped", ru: "пропущено" },
  failedColumn: { en: "failed", ru: "не вышло" },
  clicks: { en: "clicked", ru: "перешли" },
  withdrew: { en: "withdrew", ru: "отписались" },
  goal: { en: "reached the goal", ru: "дошли до цели" },
  pausedNow: {
    en: "{name} is paused: newcomers enter and wait until npm run amocrm -- sequences resume {name}",
    ru: "{name} на паузе: новые входят и ждут до npm run amocrm -- sequences resume {name}",
  },
  wasPaused: { en: "{name} was paused before.", ru: "{name} уже была на паузе." },
  resumed: { en: "{name} goes on.", ru: "{name} продолжается." },
  moved: {
    en: "{name} goes on; moved to the newest version: {count}",
    ru: "{name} продолжается; переведены на новую версию: {count}",
  },
  left: { en: "{name} goes on; taken out: {count}", ru: "{name} продолжается; выведены: {count}" },
  leave: {
    en: "Take everybody out who is inside of {name}? Their further steps are never sent.",
    ru: "Вывести всех, кто внутри {name}? Их следующие шаги не уйдут никогда.",
  },
  enrolled: { en: "The lead entered {name}.", ru: "Заявка вошла в {name}." },
  wasInside: {
    en: "Nothing was done: the addresses of the lead were in {name} before, or it has none.",
    ru: "Ничего не сделано: адреса этой заявки уже были в {name}, или их нет.",
  },
  withdrawn: {
    en: "Nothing more is sent; consents that changed: {count}",
    ru: "Больше ничего не уйдёт; изменено согласий: {count}",
  },
  release: {
    en: "Let steps go beyond mails_per_hour?",
    ru: "Отпустить шаги сверх mails_per_hour?",
  },
  released: { en: "Let go: {count}", ru: "Отпущено: {count}" },
  nothingDone: { en: "Nothing was done.", ru: "Ничего не сделано." },
  waiting: { en: "waits", ru: "ждёт" },
  queued: { en: "is about to go", ru: "уходит" },
  departed: { en: "left", ru: "ушёл" },
  sent: { en: "sent", ru: "отправлен" },
  failed: { en: "failed", ru: "не вышло" },
  skipped: { en: "skipped", ru: "пропущен" },
  uncertain: { en: "answer unknown", ru: "ответа нет" },
  cancelled: { en: "cancelled", ru: "отменён" },
} as const satisfies Texts;
