import type { Texts } from "#shared/platform/text.ts";

/** `forms`: the places whose forms post by themselves. */
export const FORMS = {
  purpose: {
    en: "Forms that post by themselves (Tilda, Taplink, others): their addresses and keys.",
    ru: "Формы, которые отправляют сами (Tilda, Taplink и другие): их адреса и ключи.",
  },
  help: {
    en: `
A form that cannot insert by itself posts to an address with a key of its own.

  forms list                       the places, and how many forms came and fitted no lead (also without a word)
  forms add tilda --source NAME    a new place: tilda, taplink or generic; prints the address to paste, once
  forms off ID-OR-SOURCE           its key opens nothing any more
  forms unmapped                   the latest forms that fitted no lead, with what was typed
  forms map ID-OR-SOURCE --map …   says which field is which, and reads those forms again

The usual names of fields are known in Russian, Kazakh and English. Others are said with --map, our column first:
full_name, email, phone, source, utm_source to utm_term, consent_at (a checkbox), metadata.x for anything else.

Exit code: 0; 1 for list and unmapped if forms fitted no lead, and for off and map if there is no such place; 2 for wrong
usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- forms add tilda --source landing
  npm run amocrm -- forms add generic --source quiz --map phone=Number --map metadata.course=Course
  npx amocrm forms list --json | jq '.sources[] | {source, unmapped_count}'`,
    ru: `
Форма, которая не может записать заявку сама, отправляет её на адрес со своим ключом.

  forms list                       места и сколько форм пришло и не подошло (также без слова)
  forms add tilda --source ИМЯ     новое место: tilda, taplink или generic; адрес для вставки показан один раз
  forms off НОМЕР-ИЛИ-ИСТОЧНИК     его ключ больше ничего не открывает
  forms unmapped                   последние неподошедшие формы, с тем, что в них ввели
  forms map НОМЕР-ИЛИ-ИСТОЧНИК --map …   сказать, какое поле что значит, и прочитать их заново

Обычные названия полей известны на русском, казахском и английском. Другие задают через --map, сначала наша колонка:
full_name, email, phone, source, от utm_source до utm_term, consent_at (галочка), metadata.x для всего остального.

Код возврата: 0; 1 для list и unmapped, если какие-то формы не подошли, и для off и map, если такого места нет; 2 при
неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- forms add tilda --source landing
  npm run amocrm -- forms add generic --source quiz --map 'phone=Ваш номер' --map metadata.course=Курс
  npx amocrm forms list --json | jq '.sources[] | {source, unmapped_count}'`,
  },
  words: {
    en: "list (the default), unmapped, add and a kind, or off or map and an id or source",
    ru: "list (обычно), unmapped, add и вид или off либо map и номер либо источник",
  },
  source: {
    en: "the source that the leads get, as in amocrm_routes",
    ru: "источник заявок, как в amocrm_routes",
  },
  map: {
    en: "how the form names a field of ours; may be given several times",
    ru: "как форма называет наше поле; можно указать несколько раз",
  },
  modes: {
    en: "forms takes list, add, off, unmapped or map, not {typed}",
    ru: "forms понимает list, add, off, unmapped или map, а не {typed}",
  },
  kinds: {
    en: "forms add takes tilda, taplink or generic, not {typed}",
    ru: "forms add понимает tilda, taplink или generic, а не {typed}",
  },
  needsSource: { en: "forms add needs --source", ru: "Для forms add нужен --source" },
  needsWhich: { en: "forms off needs an id or a source", ru: "Для forms off нужен номер или источник" },
  mapShape: {
    en: "--map must be column=name of the field, not {typed}",
    ru: "--map: нужно колонка=название поля, а не {typed}",
  },
  needsMap: {
    en: "forms map needs an id or a source, and --map column=name",
    ru: "Для forms map нужны номер или источник и --map колонка=название",
  },
  allMapped: { en: "Every form fits a lead.", ru: "Все формы стали заявками." },
  mapThem: {
    en: "Say which field is which → npm run amocrm -- forms map <source> --map phone=<name>",
    ru: "Скажите, какое поле что значит → npm run amocrm -- forms map <источник> --map phone=<название>",
  },
  mapped: {
    en: "{count} {count|form is a lead|forms are leads} now.",
    ru: "Теперь {count} {count|форма стала заявкой|формы стали заявками|форм стали заявками}.",
  },
  nobodyMapped: {
    en: "There is no place with that id or source.",
    ru: "Места с таким номером или источником нет.",
  },
  listing: { en: "npm run amocrm -- forms list shows them", ru: "Какие есть: npm run amocrm -- forms list" },
  none: {
    en: "No form posts yet. npm run amocrm -- forms add tilda --source landing",
    ru: "Ни одна форма ещё не подключена. npm run amocrm -- forms add tilda --source landing",
  },
  on: { en: "on", ru: "включена" },
  off: { en: "off", ru: "выключена" },
  never: { en: "never", ru: "никогда" },
  unmapped: {
    en: "{count} {count|form fits|forms fit} no lead: npm run amocrm -- forms unmapped",
    ru: "Не {count|подошла|подошли|подошло} {count} {count|форма|формы|форм}: npm run amocrm -- forms unmapped",
  },
  added: {
    en: "Paste this address into the form. The key in it is shown this once:",
    ru: "Вставьте этот адрес в форму. Ключ в нём показан только сейчас:",
  },
  bearer: {
    en: "Where the sender knows headers, better without the key in the address: {url} with Authorization: Bearer {key}",
    ru: "Где отправитель умеет заголовки, лучше без ключа в адресе: {url} и Authorization: Bearer {key}",
  },
  steps: {
    en: "Step by step: docs/areas/forms-that-post.md",
    ru: "По шагам: docs/areas/forms-that-post.ru.md",
  },
  switchedOff: {
    en: "{count} {count|place is|places are} off: {count|its key opens|their keys open} nothing any more.",
    ru: "{count|Выключено|Выключены|Выключено} {count} {count|место|места|мест}: ключ больше ничего не открывает.",
  },
  nothingOff: {
    en: "Nothing is on by that id or source.",
    ru: "С таким номером или источником ничего не включено.",
  },
} as const satisfies Texts;
