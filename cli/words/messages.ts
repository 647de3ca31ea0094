import type { Texts } from "#shared/platform/text.ts";

/** `dead`, `requeue`, `cancel`, `pause` and `resume`. */
export const MESSAGES = {
  deadPurpose: {
    en: "Which messages are dead, why, and what to do.",
    ru: "Какие сообщения не доставлены, почему и что делать.",
  },
  deadHelp: {
    en: `
Messages that nobody will try again until a person says so, by error code: what the code means, what to do, and which leads
or students are concerned. The people's later messages go on without them. It changes nothing.

Mend the cause (a stage, a field, a value), then requeue. What is not wanted in amoCRM at all: cancel.

Exit code: 0 if there is none, 1 if there are some, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- dead
  npm run amocrm -- dead --code validation_failed --limit 20
  npx amocrm dead --json | jq '.groups[] | {error_code, letter_count}'`,
    ru: `
Сообщения, которые больше не отправляются сами, по кодам ошибок: что код значит, что делать и о каких заявках или учениках речь.
Следующие сообщения этих людей идут без них. Ничего не меняет.

Устраните причину (этап, поле, значение), затем requeue. Что в amoCRM не нужно вовсе: cancel.

Код возврата: 0, если таких нет; 1, если есть; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- dead
  npm run amocrm -- dead --code validation_failed --limit 20
  npx amocrm dead --json | jq '.groups[] | {error_code, letter_count}'`,
  },
  kind: { en: "of this kind only, such as lead.created", ru: "только этого вида, например lead.created" },
  code: { en: "with this error code only", ru: "только с этим кодом ошибки" },
  deadLimit: { en: "how many are listed; default: 50", ru: "сколько показать; обычно 50" },
  noneDead: { en: "No message is dead.", ru: "Недоставленных сообщений нет." },
  deadCount: {
    en: "{count} {count|message is|messages are} dead.",
    ru: "{count|Не доставлено|Не доставлены|Не доставлено} {count} {count|сообщение|сообщения|сообщений}.",
  },
  noCode: { en: "without a code", ru: "без кода" },
  onceMended: {
    en: "Once it is mended → npm run amocrm -- requeue --all --code {code}",
    ru: "Когда причина устранена → npm run amocrm -- requeue --all --code {code}",
  },
  more: { en: "… and {count} more: --code, --limit", ru: "… и ещё {count}: --code, --limit" },
  requeuePurpose: {
    en: "Tries dead or cancelled messages again.",
    ru: "Отправляет недоставленные или отменённые сообщения ещё раз.",
  },
  requeueHelp: {
    en: `
Tries messages again, now, with all their attempts: dead, cancelled and waiting ones by number, or all that are dead. A
message whose request may have worked is looked for in amoCRM first, so that nothing is made twice.

--all shows how many and why they died, and asks; where nobody can be asked, add --yes.

Exit code: 0 if all that was asked for was done, or the question was answered with no; 1 if a message was refused, which is
named; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- requeue 41 42
  npm run amocrm -- requeue --all
  npm run amocrm -- requeue --all --kind lead.created --code validation_failed --limit 100 --yes
  npx amocrm requeue --all --yes --json`,
    ru: `
Отправляет сообщения ещё раз, сразу и со всеми попытками: недоставленные, отменённые и ждущие по номерам либо все недоставленные.
Если запрос мог сработать, сначала ищет его след в amoCRM, чтобы ничего не создать дважды.

С --all показывает, сколько их и почему, и спрашивает; где спросить некого, добавьте --yes.

Код возврата: 0, если всё сделано или на вопрос ответили «нет»; 1, если сообщение не принято (оно названо); 2 при неверном
вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- requeue 41 42
  npm run amocrm -- requeue --all
  npm run amocrm -- requeue --all --kind lead.created --code validation_failed --limit 100 --yes
  npx amocrm requeue --all --yes --json`,
  },
  numbers: { en: "numbers of messages", ru: "номера сообщений" },
  all: { en: "all that are dead", ru: "все недоставленные" },
  allKind: { en: "with --all: of this kind only", ru: "с --all: только этого вида" },
  allCode: { en: "with --all: with this error code only", ru: "с --all: только с этим кодом ошибки" },
  allLimit: {
    en: "with --all: how many at most, the oldest first; default: 1000",
    ru: "с --all: сколько самое большее, начиная со старых; обычно 1000",
  },
  yes: { en: "do it without asking", ru: "выполнить без вопроса" },
  requeueNeeds: {
    en: "requeue needs numbers of messages, or else --all",
    ru: "Для requeue нужны номера сообщений или --all",
  },
  deadLists: { en: "npm run amocrm -- dead lists them", ru: "Список: npm run amocrm -- dead" },
  withAll: {
    en: "--kind, --code and --limit go with --all",
    ru: "--kind, --code и --limit указывают вместе с --all",
  },
  triedAgain: { en: "{id} tried again", ru: "{id} отправляется ещё раз" },
  cancelled: { en: "{id} cancelled", ru: "{id} отменено" },
  refused: { en: "{id} refused: {reason}", ru: "{id} не принято: {reason}" },
  nothingDead: {
    en: "Nothing to requeue: no such message is dead.",
    ru: "Отправлять нечего: таких недоставленных сообщений нет.",
  },
  deadReasons: { en: "{count} dead: {reasons}.", ru: "Не доставлено {count}: {reasons}." },
  oldestOnly: {
    en: "The {limit} oldest are tried again; --limit raises it.",
    ru: "Ещё раз отправляются {limit} самых старых; больше: --limit.",
  },
  tryAgain: { en: "Try {count} again?", ru: "Отправить {count} ещё раз?" },
  nothingChanged: { en: "Nothing was changed.", ru: "Ничего не изменено." },
  requeued: {
    en: "{count} tried again: npm run amocrm -- status --watch",
    ru: "Отправляется ещё раз: {count}. Следить: npm run amocrm -- status --watch",
  },
  cancelPurpose: { en: "Takes messages out for good.", ru: "Снимает сообщения с отправки насовсем." },
  cancelHelp: {
    en: `
Takes messages out for good: they are not sent, and the person's later messages go on. The lead or student itself stays, and
what amoCRM has already stays there. A cancelled message comes back with requeue.

A message that waits for an answer (uncertain) may have arrived: look into amoCRM first.

It asks; where nobody can be asked, add --yes.

Exit code: 0 if all were cancelled, or the question was answered with no; 1 if one was refused, which is named; 2 for wrong
usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- cancel 41
  npm run amocrm -- cancel 41 42 --yes
  npx amocrm cancel 41 --yes --json`,
    ru: `
Снимает сообщения с отправки насовсем; следующие сообщения человека идут дальше. Сама заявка или ученик остаются, и то, что уже
есть в amoCRM, остаётся там. Отменённое сообщение возвращает requeue.

Сообщение, которое ждёт ответа (uncertain), могло дойти: сначала посмотрите в amoCRM.

Спрашивает; где спросить некого, добавьте --yes.

Код возврата: 0, если всё отменено или на вопрос ответили «нет»; 1, если одно не принято (оно названо); 2 при неверном вызове;
3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- cancel 41
  npm run amocrm -- cancel 41 42 --yes
  npx amocrm cancel 41 --yes --json`,
  },
  cancelNeeds: { en: "cancel needs numbers of messages", ru: "Для cancel нужны номера сообщений" },
  neverSendOne: { en: "Never send message {id}?", ru: "Никогда не отправлять сообщение {id}?" },
  neverSend: {
    en: "Never send these {count} messages?",
    ru: "Никогда не отправлять {count|это|эти|эти} {count} {count|сообщение|сообщения|сообщений}?",
  },
  nothingCancelled: { en: "Nothing was cancelled.", ru: "Ничего не отменено." },
  pausePurpose: { en: "Stops sending to amoCRM.", ru: "Останавливает отправку в amoCRM." },
  pauseHelp: {
    en: `
Stops everything that goes to amoCRM, reading too: the next request does not leave. Forms go on, leads and students are
saved and wait. It does not ask, since it loses nothing and may be urgent; resume goes on.

The reason stands in status, for whoever comes next.

Exit code: 0, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- pause 'moving to another account'
  npx amocrm pause 'wrong stage' --json`,
    ru: `
Останавливает всё, что идёт в amoCRM, и чтение тоже: следующий запрос не уходит. Формы работают, заявки и ученики сохраняются и
ждут. Не спрашивает: ничего не теряется, а дело бывает срочным; продолжить: resume.

Причина видна в status тому, кто придёт следующим.

Код возврата: 0; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- pause 'переезд в другой аккаунт'
  npx amocrm pause 'не тот этап' --json`,
  },
  pauseReason: { en: "why, for whoever comes next", ru: "почему, для того, кто придёт следующим" },
  pauseNeeds: { en: "pause needs a reason", ru: "Для pause нужна причина" },
  pauseExample: { en: "npm run amocrm -- pause 'why'", ru: "npm run amocrm -- pause 'почему'" },
  reasonTooLong: {
    en: "The reason may have {max} characters at most",
    ru: "Причина может быть не длиннее {max} знаков",
  },
  paused: {
    en: "Paused. Leads are saved and wait: npm run amocrm -- resume goes on",
    ru: "Пауза. Заявки сохраняются и ждут; продолжить: npm run amocrm -- resume",
  },
  resumePurpose: { en: "Goes on sending.", ru: "Продолжает отправку." },
  resumeHelp: {
    en: `
Goes on after pause. If the breaker is open (token, payment, block, outage), it tries at once instead of waiting for the next
probe: after the cause was mended.

Exit code: 0, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- resume
  npx amocrm resume --json`,
    ru: `
Продолжает после pause. Если отправка остановлена сама (токен, оплата, блокировка, сбой amoCRM), пробует сразу, не дожидаясь
следующей попытки: когда причина устранена.

Код возврата: 0; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- resume
  npx amocrm resume --json`,
  },
  resumed: {
    en: "Sending goes on: npm run amocrm -- status tells whether it arrives",
    ru: "Отправка продолжается; доходит ли, покажет npm run amocrm -- status",
  },
} as const satisfies Texts;
