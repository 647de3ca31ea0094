import type { Texts } from "#shared/platform/text.ts";

/** `sms`. */
export const SMS = {
  purpose: {
    en: "SMS: how they are, what is held or unknown, what a text costs.",
    ru: "SMS: как дела, что задержано или неизвестно, сколько стоит текст.",
  },
  help: {
    en: `
  sms status                  do they go out, what waits, is held, uncertain or dead, the balance (also without a word)
  sms list                    those that are dead or wait, with the reason; whom they are for is not told
  sms held                    those beyond the sums of an hour and day, or abroad
  sms release [number]        lets the held ones go, or one of them
  sms drop [number]           cancels the held ones, or one of them
  sms retry <number>…         tries them again, now; one in doubt is looked for and not sent
  sms cancel <number>…        takes them out for good
  sms again <number>…         sends what was looked for in vain: you have looked at Mobizon, and it is not there
  sms preview <text>…         how many parts a text has; --template takes the texts of followup_templates
  sms pause <reason>…         no SMS goes out until sms resume
  sms resume                  goes on, and tries at once

release, drop, cancel and again ask; where nobody can be asked, add --yes.

Exit code: 0; 1 for status, list and held if something waits for a person, for preview of a text that is too long, or if something
was refused; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- sms
  npm run amocrm -- sms preview 'Ada, your lesson waits: school.example/u/abc'
  npm run amocrm -- sms preview --template reminder
  npx amocrm sms list --json | jq '.sms[] | select(.state == "dead")'`,
    ru: `
  sms status                  уходят ли, что ждёт, задержано, неизвестно или не доставлено, баланс (также без слова)
  sms list                    те, что не доставлены или ждут, с причиной; номера не показываются
  sms held                    те, что сверх нормы на час и сутки или за границу
  sms release [номер]         отпустить задержанные или одну
  sms drop [номер]            отменить задержанные или одну
  sms retry <номер>…          отправить ещё раз, сейчас; неизвестную ищут и не отправляют
  sms cancel <номер>…         снять с отправки насовсем
  sms again <номер>…          отправить то, что искали и не нашли: вы посмотрели в Mobizon, её там нет
  sms preview <текст>…        сколько частей в тексте; --template берёт тексты из followup_templates
  sms pause <причина>…        SMS не уходят до sms resume
  sms resume                  продолжить и попробовать сразу

release, drop, cancel и again спрашивают; где спросить некого, добавьте --yes.

Код возврата: 0; 1 для status, list и held, если что-то ждёт человека, для preview слишком длинного текста или если что-то не
принято; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- sms
  npm run amocrm -- sms preview 'Асель, урок ждёт: school.example/u/abc'
  npm run amocrm -- sms preview --template reminder
  npx amocrm sms list --json | jq '.sms[] | select(.state == "dead")'`,
  },
  words: {
    en: "status (the default), list, held, release, drop, retry, cancel, again, preview, pause or resume, and what is meant",
    ru: "status (обычно), list, held, release, drop, retry, cancel, again, preview, pause или resume и что имеется в виду",
  },
  template: {
    en: "for preview: the code of texts in followup_templates",
    ru: "для preview: код текстов в followup_templates",
  },
  modes: {
    en: "sms takes status, list, held, release, drop, retry, cancel, again, preview, pause or resume, not {typed}",
    ru: "sms понимает status, list, held, release, drop, retry, cancel, again, preview, pause или resume, а не {typed}",
  },
  needsNumbers: { en: "{mode} needs numbers of SMS", ru: "Для {mode} нужны номера SMS" },
  oneNumber: {
    en: "{mode} takes one number, or none for all",
    ru: "{mode} берёт один номер, без номера все",
  },
  needsReason: { en: "pause needs a reason", ru: "Для pause нужна причина" },
  needsText: {
    en: "preview needs a text, or --template and a code",
    ru: "Для preview нужен текст или --template с кодом",
  },
  nothingAfter: { en: "{mode} takes nothing behind it", ru: "После {mode} ничего не указывают" },
  listing: { en: "npm run amocrm -- sms list lists them", ru: "Список: npm run amocrm -- sms list" },
  verdict: { en: "SMS: {verdict}", ru: "SMS: {verdict}" },
  ok: { en: "they go out", ru: "уходят" },
  waiting: { en: "waiting", ru: "ждут" },
  held: { en: "held", ru: "задержано" },
  uncertain: { en: "answer unknown", ru: "ответа нет" },
  dead: { en: "dead", ru: "не отправлено" },
  declined: { en: "declined in the last day", ru: "отклонено за сутки" },
  last: { en: "last one sent", ru: "последняя ушла" },
  balance: { en: "balance at Mobizon", ru: "баланс в Mobizon" },
  balanceOf: { en: "{sum}, {age} ago", ru: "{sum}, {age} назад" },
  balanceUnknown: { en: "not asked yet", ru: "ещё не спрашивали" },
  never: { en: "never", ru: "ещё ни разу" },
  ago: { en: "{age} ago", ru: "{age} назад" },
  seeHeld: {
    en: "Look at them: npm run amocrm -- sms held",
    ru: "Посмотрите их: npm run amocrm -- sms held",
  },
  seeList: { en: "Why: npm run amocrm -- sms list", ru: "Почему: npm run amocrm -- sms list" },
  none: { en: "No SMS waits, and none is dead.", ru: "SMS не ждут, и недоставленных нет." },
  counts: {
    en: "SMS: {dead} dead, {waiting} waiting.",
    ru: "SMS: не отправлено {dead}, ждут {waiting}.",
  },
  retry: {
    en: "Once it is mended → npm run amocrm -- sms retry <number>",
    ru: "Когда причина устранена → npm run amocrm -- sms retry <номер>",
  },
  unknown: {
    en: "Look at Mobizon whether these were sent: {ids}. They were → sms cancel; they were not → sms again",
    ru: "Посмотрите в Mobizon, ушли ли эти: {ids}. Ушли → sms cancel; нет → sms again",
  },
  noneHeld: { en: "No SMS is held.", ru: "Задержанных SMS нет." },
  heldCount: { en: "Held: {count}", ru: "Задержано: {count}" },
  decide: {
    en: "In order → npm run amocrm -- sms release; not → npm run amocrm -- sms drop",
    ru: "Всё в порядке → npm run amocrm -- sms release; нет → npm run amocrm -- sms drop",
  },
  release: { en: "Let the held SMS go?", ru: "Отпустить задержанные SMS?" },
  drop: { en: "Never send the held SMS?", ru: "Никогда не отправлять задержанные SMS?" },
  cancel: {
    en: "Never send {count} SMS?",
    ru: "Никогда не отправлять {count} SMS?",
  },
  again: {
    en: "Send {count} SMS that may have been sent before? Each costs once more.",
    ru: "Отправить {count} SMS, которые, возможно, уже ушли? Каждая оплачивается снова.",
  },
  nothingDone: { en: "Nothing was done.", ru: "Ничего не сделано." },
  released: { en: "Let go: {count}", ru: "Отпущено: {count}" },
  dropped: { en: "Cancelled: {count}", ru: "Отменено: {count}" },
  sentAgain: { en: "{id} is sent once more.", ru: "{id} отправляется ещё раз." },
  parts: {
    en: "{parts} {parts|part|parts}, {units} {units|unit|units} in {encoding}",
    ru: "{parts} {parts|часть|части|частей}, {units} {units|знак|знака|знаков} в {encoding}",
  },
  tooLong: {
    en: "{parts} {parts|part|parts}, allowed {max|is|are} {max}: it would not be sent. Shorten it, or raise message_settings.sms_max_parts",
    ru: "{parts} {parts|часть|части|частей}, а разрешено {max}: она не ушла бы. Сократите текст или увеличьте message_settings.sms_max_parts",
  },
  sample: {
    en: "With the name {name} and no values of a form; longer ones may need another part.",
    ru: "С именем {name} и без данных формы; с более длинными может понадобиться ещё часть.",
  },
  noTexts: {
    en: "followup_templates has no SMS {code}",
    ru: "В followup_templates нет SMS {code}",
  },
  paused: {
    en: "No SMS goes out until npm run amocrm -- sms resume; mails go on.",
    ru: "SMS не уходят до npm run amocrm -- sms resume; письма идут.",
  },
  resumed: { en: "SMS go out again.", ru: "SMS снова уходят." },
  pending: { en: "waits", ru: "ждёт" },
  leased: { en: "is being sent", ru: "отправляется" },
} as const satisfies Texts;
