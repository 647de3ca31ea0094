import type { Texts } from "#shared/platform/text.ts";

/** `tells`: what amocrm_tell was told too often. */
export const TELLS = {
  purpose: {
    en: "Messages of amocrm_tell that are held as a loop: lists, releases or cancels them.",
    ru: "Сообщения amocrm_tell, задержанные как петля: показывает, отпускает или отменяет их.",
  },
  help: {
    en: `
More than twenty messages of amocrm_tell in an hour for one deal are held until a person has looked what tells them.

  tells list                      which deals are concerned, and how much waits behind (also without a word)
  tells release                   lets them go, with what waits behind
  tells cancel                    takes them out for good, with what waits behind

release and cancel ask; where nobody can be asked, add --yes.

Exit code: 0; 1 for list if something is held; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- tells
  npm run amocrm -- tells release --deal 801234
  npx amocrm tells cancel --yes --json`,
    ru: `
Больше двадцати сообщений amocrm_tell за час для одной сделки задержаны, пока человек не посмотрит, кто их шлёт.

  tells list                      о каких сделках речь и сколько ждёт за ними (также без слова)
  tells release                   отпустить вместе с тем, что ждёт за ними
  tells cancel                    отменить насовсем вместе с тем, что ждёт за ними

release и cancel спрашивают; где спросить некого, добавьте --yes.

Код возврата: 0; 1 для list, если что-то задержано; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- tells
  npm run amocrm -- tells release --deal 801234
  npx amocrm tells cancel --yes --json`,
  },
  mode: { en: "list, release or cancel", ru: "list, release или cancel" },
  deal: { en: "of this deal only", ru: "только этой сделки" },
  modes: {
    en: "tells takes list, release or cancel, not {typed}",
    ru: "у tells есть list, release и cancel, а не {typed}",
  },
  empty: { en: "Nothing is held.", ru: "Ничего не задержано." },
  held: {
    en: "{count} {count|deal gets|deals get} no more messages:",
    ru: "{count} {count|сделка не получает|сделки не получают|сделок не получают} новых сообщений:",
  },
  behind: { en: "behind", ru: "за ним" },
  remedy: {
    en: "A loop: npm run amocrm -- tells cancel; as it should be: npm run amocrm -- tells release",
    ru: "Если петля: npm run amocrm -- tells cancel; если так и надо: npm run amocrm -- tells release",
  },
  release: { en: "Let these messages go?", ru: "Отпустить эти сообщения?" },
  cancel: { en: "Cancel these messages for good?", ru: "Отменить эти сообщения насовсем?" },
  nothingDone: { en: "Nothing was done.", ru: "Ничего не сделано." },
  released: {
    en: "{count} {count|message goes|messages go} now.",
    ru: "{count|Отпущено|Отпущены|Отпущено} {count} {count|сообщение|сообщения|сообщений}.",
  },
  cancelled: {
    en: "{count} {count|message was|messages were} cancelled.",
    ru: "{count|Отменено|Отменены|Отменено} {count} {count|сообщение|сообщения|сообщений}.",
  },
} as const satisfies Texts;
