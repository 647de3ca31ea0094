import type { Texts } from "#shared/platform/text.ts";

/** `mails`. */
export const MAILS = {
  purpose: {
    en: "Mails that did not go out: lists, retries, resends.",
    ru: "Письма, которые не ушли: показать, повторить, отправить снова.",
  },
  help: {
    en: `
  mails list                  mails that are dead or wait, with the reason (also without a word); whom they are for is not told
  mails retry <number>…       tries them again, now
  mails cancel <number>…      takes them out for good
  mails resend <student id>   a further welcome mail, with a link of its own
  mails allow <address>       mail may go again to an address that bounced or complained
  mails pause <reason>…       no mail goes out until mails resume
  mails resume                goes on, and tries at once

cancel asks; where nobody can be asked, add --yes.

Exit code: 0; 1 for list if one is dead, or if something was refused; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- mails
  npm run amocrm -- mails retry 41 42
  npm run amocrm -- mails resend 7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77
  npx amocrm mails --json | jq '.mails[] | select(.state == "dead")'`,
    ru: `
  mails list                  письма, которые не доставлены или ждут, с причиной (также без слова); адреса не показываются
  mails retry <номер>…        отправить ещё раз, сейчас
  mails cancel <номер>…       снять с отправки насовсем
  mails resend <id ученика>   ещё одно приветственное письмо, с новой ссылкой
  mails allow <адрес>         снова разрешить письма на адрес, с которого был отказ или жалоба
  mails pause <причина>…      письма не уходят до mails resume
  mails resume                продолжить и попробовать сразу

cancel спрашивает; где спросить некого, добавьте --yes.

Код возврата: 0; 1 для list, если есть недоставленные, или если что-то не принято; 2 при неверном вызове; 3, если проект не
удаётся спросить.

Примеры:
  npm run amocrm -- mails
  npm run amocrm -- mails retry 41 42
  npm run amocrm -- mails resend 7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77
  npx amocrm mails --json | jq '.mails[] | select(.state == "dead")'`,
  },
  words: {
    en: "list (the default), retry, cancel, resend, allow, pause or resume, and what is meant",
    ru: "list (обычно), retry, cancel, resend, allow, pause или resume и что имеется в виду",
  },
  modes: {
    en: "mails takes list, retry, cancel, resend, allow, pause or resume, not {typed}",
    ru: "mails понимает list, retry, cancel, resend, allow, pause или resume, а не {typed}",
  },
  needsNumbers: { en: "{mode} needs numbers of mails", ru: "Для {mode} нужны номера писем" },
  needsStudent: {
    en: "resend needs the id of one student",
    ru: "Для resend нужен id одного ученика",
  },
  needsAddress: { en: "allow needs one address", ru: "Для allow нужен один адрес" },
  needsReason: { en: "pause needs a reason", ru: "Для pause нужна причина" },
  nothingAfter: { en: "{mode} takes nothing behind it", ru: "После {mode} ничего не указывают" },
  listing: { en: "npm run amocrm -- mails lists them", ru: "Список: npm run amocrm -- mails" },
  none: { en: "No mail waits, and none is dead.", ru: "Письма не ждут, и недоставленных нет." },
  counts: {
    en: "Mails: {dead} dead, {waiting} waiting.",
    ru: "Писем: не доставлено {dead}, ждут {waiting}.",
  },
  retry: {
    en: "Once it is mended → npm run amocrm -- mails retry <number>",
    ru: "Когда причина устранена → npm run amocrm -- mails retry <номер>",
  },
  cancel: {
    en: "Never send {count} {count|mail|mails}?",
    ru: "Никогда не отправлять {count} {count|письмо|письма|писем}?",
  },
  resent: {
    en: "A further welcome mail goes out: {id}.",
    ru: "Уходит ещё одно приветственное письмо: {id}.",
  },
  allowed: { en: "Mail may go to this address again.", ru: "Письма на этот адрес снова разрешены." },
  wasAllowed: { en: "Nothing was in the way of this address.", ru: "Этому адресу ничто и не мешало." },
  paused: {
    en: "No mail goes out until npm run amocrm -- mails resume; students are saved, and their mails wait.",
    ru: "Письма не уходят до npm run amocrm -- mails resume; ученики сохраняются, их письма ждут.",
  },
  resumed: { en: "Mails go out again.", ru: "Письма снова уходят." },
  refused: { en: "Refused: {reason}", ru: "Не принято: {reason}" },
  dead: { en: "dead", ru: "не доставлено" },
  pending: { en: "waits", ru: "ждёт" },
  leased: { en: "is being sent", ru: "отправляется" },
  uncertain: { en: "answer unknown", ru: "ответа нет" },
} as const satisfies Texts;
