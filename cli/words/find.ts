import type { Texts } from "#shared/platform/text.ts";

/** `find`. */
export const FIND = {
  purpose: { en: "Who somebody is, here and in amoCRM.", ru: "Кто этот человек, здесь и в amoCRM." },
  help: {
    en: `
Who somebody is: the contacts that amoCRM has with this e-mail or phone, their deals, which of them a next lead would get
and why, and what stands on our side. The decision is made by the code that sends. Nothing is changed. The output is
personal data: it goes to the screen and into no log.

Exit code: 0 if somebody was found here or in amoCRM, 1 if nobody was, 2 for wrong usage, 3 if amoCRM or the project cannot
be asked.

Examples:
  npm run amocrm -- find --email ada@example.com
  npm run amocrm -- find --phone '8 (916) 123-45-67'
  npm run amocrm -- find --lead 7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77
  npx amocrm find --email ada@example.com --json | jq .choice`,
    ru: `
Кто этот человек: контакты amoCRM с такой почтой или телефоном, их сделки, куда попала бы следующая заявка и почему, и что о
нём известно здесь. Решает тот же код, который отправляет. Ничего не меняет. Вывод содержит личные данные: он идёт на экран и
ни в какой журнал.

Код возврата: 0, если кто-то найден здесь или в amoCRM; 1, если никого; 2 при неверном вызове; 3, если amoCRM или проект не
удаётся спросить.

Примеры:
  npm run amocrm -- find --email ada@example.com
  npm run amocrm -- find --phone '8 (916) 123-45-67'
  npm run amocrm -- find --lead 7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77
  npx amocrm find --email ada@example.com --json | jq .choice`,
  },
  email: {
    en: "the e-mail, as anybody may have typed it",
    ru: "почта, в любом написании",
  },
  phone: { en: "the phone, as anybody may have typed it", ru: "телефон, в любом написании" },
  lead: { en: "the id of a lead or student", ru: "id заявки или ученика" },
  needs: {
    en: "find needs --email or --phone or both, or else --lead",
    ru: "Для find нужны --email и (или) --phone либо --lead",
  },
  noEmail: {
    en: "--email {typed} is no e-mail address",
    ru: "--email {typed}: это не адрес почты",
  },
  noPhone: {
    en: "--phone {typed} is no phone number",
    ru: "--phone {typed}: это не номер телефона",
  },
  unasked: {
    en: "amoCRM cannot be asked: {reason} → npm run amocrm -- doctor",
    ru: "amoCRM не удаётся спросить: {reason} → npm run amocrm -- doctor",
  },
  noContact: {
    en: "amoCRM has no contact with this e-mail or phone.",
    ru: "В amoCRM нет контакта с такой почтой или телефоном.",
  },
  foreignEmail: {
    en: "The e-mail is another person's here, so the contact is not looked for by it.",
    ru: "Эта почта здесь у другого человека, поэтому контакт по ней не ищется.",
  },
  foreignPhone: {
    en: "The phone is another person's here, so the contact is not looked for by it.",
    ru: "Этот телефон здесь у другого человека, поэтому контакт по нему не ищется.",
  },
  contact: { en: "Contact: {words}", ru: "Контакт: {words}" },
  deal: { en: "Deal: {words}", ru: "Сделка: {words}" },
  contactLine: {
    en: "Contact {id} «{name}»  {keys}  changed {at}",
    ru: "Контакт {id} «{name}»  {keys}  изменён {at}",
  },
  noDeals: { en: "no deals", ru: "сделок нет" },
  newContact: { en: "a new one would be made", ru: "был бы создан новый" },
  linked: { en: "{id}, because this person is linked to it", ru: "{id}: этот человек уже связан с ним" },
  onlyByEmail: {
    en: "{id}, the only one that has exactly this e-mail",
    ru: "{id}, единственный с точно такой почтой",
  },
  onlyByPhone: {
    en: "{id}, the only one that has exactly this phone",
    ru: "{id}, единственный с точно таким телефоном",
  },
  latestByEmail: {
    en: "{id}, of {count} the one changed last that has exactly this e-mail",
    ru: "{id}, из {count} с точно такой почтой изменён последним",
  },
  latestByPhone: {
    en: "{id}, of {count} the one changed last that has exactly this phone",
    ru: "{id}, из {count} с точно таким телефоном изменён последним",
  },
  nextLead: { en: "a next lead without a source", ru: "следующая заявка без источника" },
  nextLeadOf: { en: "a next lead of source «{source}»", ru: "следующая заявка источника «{source}»" },
  place: { en: "pipeline «{pipeline}» (route {route})", ru: "воронке «{pipeline}» (маршрут {route})" },
  noRouteName: { en: "none", ru: "не задан" },
  onlyOpen: {
    en: "{id}: {from} would go there, the only open deal in {where}",
    ru: "{id}: {from} попала бы в неё, это единственная открытая сделка в {where}",
  },
  freshestOpen: {
    en: "{id}: {from} would go there, of {count} the freshest open deal in {where}",
    ru: "{id}: {from} попала бы в неё, из {count} открытых в {where} она самая свежая",
  },
  won: {
    en: "{id}: {from} would leave a note only, because the deal in {where} is won and none is open",
    ru: "{id}: {from} оставила бы только примечание: сделка в {where} уже успешна, открытой нет",
  },
  noneOpen: {
    en: "{from} would make a new one: there is none open or won in {where}",
    ru: "{from} создала бы новую: в {where} нет ни открытой, ни успешной",
  },
  withContact: {
    en: "{from} would make a new one, with the contact, in {where}",
    ru: "{from} создала бы новую, вместе с контактом, в {where}",
  },
  routeSaysDeal: {
    en: "{from} would make a new one: route {route} makes one each time",
    ru: "{from} создала бы новую: маршрут {route} каждый раз создаёт сделку",
  },
  noPipeline: {
    en: "{from} would make a new one: the account has no main pipeline to look in",
    ru: "{from} создала бы новую: в аккаунте нет основной воронки, где искать",
  },
  noRoute: {
    en: "{from} would wait: amocrm_routes has no row for it and none for *",
    ru: "{from} ждала бы: в amocrm_routes нет строки ни для неё, ни для *",
  },
  nobody: {
    en: "Nobody here has this e-mail, phone or id.",
    ru: "Здесь никого нет с такой почтой, телефоном или id.",
  },
  notPlaced: {
    en: "Not placed with a person yet: no message of theirs was claimed so far.",
    ru: "К человеку ещё не отнесено: ни одно сообщение пока не взято в работу.",
  },
  person: {
    en: "Person {id}, contact {contact}  {keys}",
    ru: "Человек {id}, контакт {contact}  {keys}",
  },
  noneYet: { en: "none yet", ru: "пока нет" },
  counts: {
    en: "Leads and students: {rows}, messages: {messages}",
    ru: "Заявок и учеников: {rows}, сообщений: {messages}",
  },
  rowStudent: { en: "student", ru: "ученик" },
  rowLead: { en: "lead", ru: "заявка" },
  notYet: { en: "not yet", ru: "ещё нет" },
  stateOpen: { en: "open", ru: "открыта" },
  stateWon: { en: "won", ru: "успешна" },
  stateLost: { en: "lost", ru: "закрыта" },
  stateDeleted: { en: "deleted", ru: "удалена" },
} as const satisfies Texts;
