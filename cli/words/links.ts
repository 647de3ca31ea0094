import type { Texts } from "#shared/platform/text.ts";

/** `links`: short links, where they may lead, and who opened them. */
export const LINKS = {
  purpose: {
    en: "Short links: where they may lead, a new one, and who opened them.",
    ru: "Короткие ссылки: куда они могут вести, новая ссылка и кто их открыл.",
  },
  help: {
    en: `
  links list                       by day and target: links, opened ones, clicks of people, openings by machines
  links target NAME URL            writes down where links may lead; http and https only
  links make NAME [--lead ID]      a link to that target, for a lead; prints its address

Exit code: 0; 1 if there is no such target; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- links target course https://school.example/course
  npm run amocrm -- links make course`,
    ru: `
  links list                       по дням и целям: ссылки, открытые, переходы людей, открытия машинами
  links target ИМЯ АДРЕС           записать, куда ссылки могут вести; только http и https
  links make ИМЯ [--lead НОМЕР]    ссылка на эту цель для заявки; печатает адрес

Код возврата: 0; 1, если такой цели нет; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- links target course https://school.example/course
  npm run amocrm -- links make course`,
  },
  words: {
    en: "list (the default), target and a name and an address, or make and a name",
    ru: "list (обычно), target с именем и адресом или make с именем",
  },
  lead: { en: "the id of the lead that the link is for", ru: "номер заявки, для которой ссылка" },
  none: {
    en: "No links yet: links target NAME URL says where they may lead, links make NAME makes one.",
    ru: "Ссылок ещё нет: links target ИМЯ АДРЕС говорит, куда они могут вести, links make ИМЯ создаёт ссылку.",
  },
  kept: { en: "{name} leads to {url}", ru: "{name} ведёт на {url}" },
  unknown: {
    en: "There is no target {name}: links target {name} https://… writes it down",
    ru: "Цели {name} нет: запишите её, links target {name} https://…",
  },
  modes: {
    en: "links takes list, target or make, not {typed}",
    ru: "links понимает list, target и make, а не {typed}",
  },
  needsTarget: {
    en: "links target takes a name in Latin letters and an http or https address",
    ru: "links target нужны имя латинскими буквами и адрес http или https",
  },
  needsName: {
    en: "links make takes the name of a target, and --lead the id of a lead",
    ru: "links make нужно имя цели, а --lead — номер заявки",
  },
} as const satisfies Texts;
