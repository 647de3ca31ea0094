import type { Texts } from "#shared/platform/text.ts";

/** `quarantine`, `duplicates` and `forget`: what a person decides. */
export const QUARANTINE = {
  purpose: {
    en: "Leads of floods: lists, releases or discards them.",
    ru: "Заявки наплыва: показывает, выпускает или удаляет их.",
  },
  help: {
    en: `
Leads that came in a flood are saved and have no message until a person decides.

  quarantine list                 what lies there, by reason, source and domain of the e-mail (also without a word)
  quarantine release              sends it to amoCRM, the oldest first, behind live leads
  quarantine discard              deletes it for good; one of the flags must say which
  quarantine delivered            what of a domain had reached amoCRM before: the deals to delete there by hand

release and discard ask; where nobody can be asked, add --yes.

Exit code: 0; 1 for list if something lies there; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- quarantine
  npm run amocrm -- quarantine discard --email-domain junk.example --limit 10000
  npm run amocrm -- quarantine release --yes
  npx amocrm quarantine delivered --email-domain junk.example --since 2026-11-30 --json | jq '.leads[].amocrm_deal_id'`,
    ru: `
Заявки, пришедшие наплывом, сохранены и никуда не отправляются, пока не решит человек.

  quarantine list                 что там лежит, по причине, источнику и домену почты (также без слова)
  quarantine release              отправить в amoCRM, начиная со старых, после новых заявок
  quarantine discard              удалить насовсем; какой-то из флагов должен сказать, что именно
  quarantine delivered            что с этим доменом успело дойти до amoCRM: сделки, которые удаляют там вручную

release и discard спрашивают; где спросить некого, добавьте --yes.

Код возврата: 0; 1 для list, если там что-то лежит; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- quarantine
  npm run amocrm -- quarantine discard --email-domain junk.example --limit 10000
  npm run amocrm -- quarantine release --yes
  npx amocrm quarantine delivered --email-domain junk.example --since 2026-11-30 --json | jq '.leads[].amocrm_deal_id'`,
  },
  mode: {
    en: "list (the default), release, discard or delivered",
    ru: "list (обычно), release, discard или delivered",
  },
  modes: {
    en: "quarantine takes list, release, discard or delivered, not {typed}",
    ru: "quarantine понимает list, release, discard или delivered, а не {typed}",
  },
  reason: {
    en: "only these: flood, address, captcha or honeypot",
    ru: "только такие: flood, address, captcha или honeypot",
  },
  reasons: {
    en: "--reason must be flood, address, captcha or honeypot",
    ru: "--reason может быть flood, address, captcha или honeypot",
  },
  source: { en: "of this source only", ru: "только этого источника" },
  domain: { en: "with e-mails of this domain only", ru: "только с почтой этого домена" },
  since: { en: "that came then or later", ru: "пришедшие с этого времени" },
  limit: { en: "how many at most; default: 1000", ru: "сколько самое большее; обычно 1000" },
  which: {
    en: "discard deletes for good, so --reason, --source, --email-domain or --since must say which",
    ru: "discard удаляет насовсем, поэтому скажите, что именно: --reason, --source, --email-domain или --since",
  },
  needsDomain: { en: "delivered needs --email-domain", ru: "Для delivered нужен --email-domain" },
  listing: {
    en: "npm run amocrm -- quarantine shows what there is",
    ru: "Что там есть: npm run amocrm -- quarantine",
  },
  empty: { en: "Nothing lies in quarantine.", ru: "В карантине пусто." },
  lying: {
    en: "{count} {count|lead lies|leads lie} in quarantine.",
    ru: "В карантине {count} {count|заявка|заявки|заявок}.",
  },
  junk: {
    en: "Junk → npm run amocrm -- quarantine discard --email-domain <domain>",
    ru: "Мусор → npm run amocrm -- quarantine discard --email-domain <домен>",
  },
  genuine: {
    en: "Genuine → npm run amocrm -- quarantine release --email-domain <domain>",
    ru: "Настоящие → npm run amocrm -- quarantine release --email-domain <домен>",
  },
  none: { en: "(none)", ru: "(нет)" },
  release: { en: "Send them to amoCRM, {limit} at most?", ru: "Отправить их в amoCRM, не больше {limit}?" },
  discard: { en: "Delete them for good, {limit} at most?", ru: "Удалить их насовсем, не больше {limit}?" },
  released: {
    en: "{count} {count|lead goes|leads go} to amoCRM, behind live ones.",
    ru: "В amoCRM {count|уходит|уходят|уходит} {count} {count|заявка|заявки|заявок}, после новых.",
  },
  discarded: {
    en: "{count} {count|lead was|leads were} deleted.",
    ru: "{count|Удалена|Удалены|Удалено} {count} {count|заявка|заявки|заявок}.",
  },
  noneDelivered: {
    en: "No lead with an e-mail of {domain} has a deal in amoCRM.",
    ru: "Ни у одной заявки с почтой {domain} нет сделки в amoCRM.",
  },
  toDelete: {
    en: "{count} {count|lead has|leads have} a deal in amoCRM; what is junk is deleted there, by these numbers:",
    ru: "{count} {count|заявка дошла|заявки дошли|заявок дошли} до amoCRM; мусор удаляют там, по этим номерам:",
  },
  nothingDone: { en: "Nothing was done.", ru: "Ничего не сделано." },
  flood: { en: "flood", ru: "наплыв" },
  address: { en: "one network", ru: "одна сеть" },
  captcha: { en: "captcha", ru: "капча" },
  honeypot: { en: "robot", ru: "робот" },
} as const satisfies Texts;

export const DUPLICATES = {
  purpose: {
    en: "Pairs that look like one: lists and settles them.",
    ru: "Пары, похожие на одно: показывает и решает их.",
  },
  help: {
    en: `
People of ours, contacts or deals in amoCRM that look like one and were not merged by themselves. Numbers of people are ours,
those of contacts and deals amoCRM's.

  duplicates list                    the pairs that wait for a decision (also without a word)
  duplicates resolve <id> same       they are one: later leads go to the one that is kept; in amoCRM you merge them yourself
  duplicates resolve <id> different  they are two, and the pair is not listed again

Exit code: 0; 1 for list if there are some, or if the pair was refused; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- duplicates
  npm run amocrm -- duplicates resolve 12 same
  npx amocrm duplicates --json | jq '.duplicates[]'`,
    ru: `
Наши люди, контакты или сделки amoCRM, похожие на одно и то же и не объединённые сами. Номера людей наши, номера контактов и
сделок из amoCRM.

  duplicates list                    пары, которые ждут решения (также без слова)
  duplicates resolve <id> same       это одно: следующие заявки идут к оставленному; в amoCRM объединяете вы
  duplicates resolve <id> different  их двое, больше эта пара не показывается

Код возврата: 0; 1 для list, если пары есть, или если пара не принята; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- duplicates
  npm run amocrm -- duplicates resolve 12 same
  npx amocrm duplicates --json | jq '.duplicates[]'`,
  },
  words: {
    en: "list (the default), or resolve <id> same, or resolve <id> different",
    ru: "list (обычно) либо resolve <id> same или resolve <id> different",
  },
  usage: {
    en: "duplicates takes list, or resolve with the number of a pair and same or different",
    ru: "duplicates понимает list либо resolve с номером пары и словом same или different",
  },
  example: {
    en: "npm run amocrm -- duplicates resolve 12 same",
    ru: "npm run amocrm -- duplicates resolve 12 same",
  },
  none: { en: "No pair waits for a decision.", ru: "Пар, ждущих решения, нет." },
  count: {
    en: "{count} {count|pair waits|pairs wait} for a decision.",
    ru: "{count|Ждёт|Ждут|Ждут} решения {count} {count|пара|пары|пар}.",
  },
  decide: {
    en: "Once you know → npm run amocrm -- duplicates resolve <id> same, or different",
    ru: "Когда решили → npm run amocrm -- duplicates resolve <id> same или different",
  },
  people: { en: "people", ru: "люди" },
  contact: { en: "contacts", ru: "контакты" },
  deal: { en: "deals", ru: "сделки" },
  resolved: { en: "{id}: {outcome}", ru: "{id}: {outcome}" },
} as const satisfies Texts;

export const FORGET = {
  purpose: {
    en: "Forgets a person for good, and names what to clean in amoCRM.",
    ru: "Забывает человека насовсем и называет, что убрать в amoCRM.",
  },
  help: {
    en: `
Removes what is known of the person with an e-mail or phone: leads, student and account, mirror, messages. It cannot be undone.
In amoCRM nothing is deleted: the answer names the contacts and deals that you delete there by hand.

It asks; where nobody can be asked, add --yes.

Exit code: 0 if it was done, nobody was there, or the question was answered with no; 2 for wrong usage; 3 if the project
cannot be asked.

Examples:
  npm run amocrm -- forget --email ada@example.com
  npx amocrm forget --phone '8 (916) 123-45-67' --yes --json | jq .clean_in_amocrm`,
    ru: `
Убирает всё, что известно о человеке с такой почтой или телефоном: заявки, ученика и учётную запись, зеркало, сообщения. Вернуть
нельзя. В amoCRM ничего не удаляется: в ответе названы контакты и сделки, которые вы удаляете там вручную.

Спрашивает; где спросить некого, добавьте --yes.

Код возврата: 0, если сделано, никого не нашлось или ответили «нет»; 2 при неверном вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- forget --email ada@example.com
  npx amocrm forget --phone '8 (916) 123-45-67' --yes --json | jq .clean_in_amocrm`,
  },
  needs: { en: "forget needs --email or --phone, or both", ru: "Для forget нужны --email и (или) --phone" },
  question: {
    en: "Forget this person for good? It cannot be undone.",
    ru: "Забыть этого человека насовсем? Вернуть будет нельзя.",
  },
  nothing: { en: "Nothing was forgotten.", ru: "Ничего не забыто." },
  done: {
    en: "Forgotten: {leads} {leads|lead|leads}, {students} {students|student|students}, {messages} {messages|message|messages}.",
    ru: "Забыто: {leads} {leads|заявка|заявки|заявок}, {students} {students|ученик|ученика|учеников}, {messages} {messages|сообщение|сообщения|сообщений}.",
  },
  clean: { en: "To be deleted in amoCRM by hand:", ru: "Удалите в amoCRM вручную:" },
  contacts: { en: "contacts {ids}", ru: "контакты {ids}" },
  deals: { en: "deals {ids}", ru: "сделки {ids}" },
  maybe: {
    en: "A request about this person was on its way: look in amoCRM for the name, too.",
    ru: "Запрос об этом человеке был в пути: поищите в amoCRM и по имени.",
  },
  cleanNothing: { en: "Nothing is known of in amoCRM.", ru: "В amoCRM, насколько известно, ничего нет." },
} as const satisfies Texts;
