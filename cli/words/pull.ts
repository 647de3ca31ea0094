import type { Texts } from "#shared/platform/text.ts";

/** `pull`, which is also `update:amocrm:since-last`. */
export const PULL = {
  purpose: {
    en: "Reads changed contacts and deals back from amoCRM.",
    ru: "Читает из amoCRM изменённые контакты и сделки.",
  },
  help: {
    en: `
Reads contacts and deals that changed in amoCRM into the mirror, and follows it. The first time all contacts are read, then
the deals they name and those changed in the last 7 days. It goes on by itself, behind live leads: Ctrl-C ends the following
only, and a run that was killed or failed goes on where it stopped. At the end it tells what was new, what was updated, and
how much the mirror holds in total. npm run update:amocrm:since-last is the same.

--since reads deals changed from then on, also when the mirror is complete: for fields or deals that were not mirrored.

A run that would delete more than a fifth of the mirror stops with mass_deletion and deletes nothing, because that is more
often a user who lost rights than the truth. If it is the truth: --accept-deletions.

Exit code: 0 if all is read or the following was interrupted; 1 if a run failed or nothing can be at work; 2 for wrong
usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- pull
  npm run amocrm -- pull --since 2026-01-01
  npx amocrm pull --json | jq .entities`,
    ru: `
Читает в зеркало контакты и сделки, изменённые в amoCRM, и показывает ход. В первый раз читаются все контакты, затем их сделки и
изменённые за последние 7 дней. Дальше идёт само, после новых заявок: Ctrl-C прекращает только показ, а прерванное чтение
продолжается с того же места. В конце сказано, сколько нового, сколько изменено и сколько всего в зеркале. То же самое:
npm run update:amocrm:since-last.

--since читает сделки, изменённые с этого времени, даже если зеркало полное: для полей или сделок, которых в нём не было.

Чтение, которое удалило бы больше пятой части зеркала, останавливается (mass_deletion) и ничего не удаляет: чаще это значит, что
пользователь потерял права. Если всё и правда удалено: --accept-deletions.

Код возврата: 0, если всё прочитано или показ прерван; 1, если чтение не удалось или ничего не работает; 2 при неверном вызове;
3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- pull
  npm run amocrm -- pull --since 2026-01-01
  npx amocrm pull --json | jq .entities`,
  },
  aliasPurpose: {
    en: "The same as pull: changes since the last reading.",
    ru: "То же, что pull: изменения с прошлого чтения.",
  },
  since: {
    en: "deals changed then or later; default: since the last pull, or a week",
    ru: "сделки, изменённые с этого времени; обычно с прошлого чтения или за неделю",
  },
  acceptDeletions: {
    en: "more than a fifth of the mirror was really deleted in amoCRM",
    ru: "больше пятой части зеркала и правда удалено в amoCRM",
  },
  goesOn: {
    en: "Reading goes on without this command: npm run amocrm -- pull",
    ru: "Чтение идёт и без этой команды: npm run amocrm -- pull",
  },
  statusTells: {
    en: "npm run amocrm -- status tells what is to be done",
    ru: "Что делать, покажет npm run amocrm -- status",
  },
  idle: { en: "Nothing is reading", ru: "Сейчас никто не читает" },
  idleRemedy: {
    en: "Leads may keep it waiting, or amocrm-pull cannot be reached: npm run amocrm -- status",
    ru: "Либо сначала идут заявки, либо amocrm-pull недоступна: npm run amocrm -- status",
  },
  failedContacts: {
    en: "Reading contacts failed after {pages} pages: {reason}",
    ru: "Чтение контактов прервалось после {pages} {pages|страницы|страниц|страниц}: {reason}",
  },
  failedDeals: {
    en: "Reading deals failed after {pages} pages: {reason}",
    ru: "Чтение сделок прервалось после {pages} {pages|страницы|страниц|страниц}: {reason}",
  },
  failedRemedy: {
    en: "It goes on where it stopped, by itself or with this command",
    ru: "Продолжится с того же места, само или этой командой",
  },
  contacts: { en: "contacts", ru: "контакты" },
  deals: { en: "deals", ru: "сделки" },
  waits: { en: "{entity}: waiting for its turn", ru: "{entity}: ждут своей очереди" },
  restUnknown: { en: "the rest is not known yet", ru: "сколько осталось, пока неизвестно" },
  rest: {
    en: "about {left} pages left, {time}",
    ru: "осталось около {left} {left|страницы|страниц|страниц}, {time}",
  },
  page: {
    en: "{entity}: page {page}, {new} new, {changed} updated; {rest}",
    ru: "{entity}: страница {page}, новых {new}, изменённых {changed}; {rest}",
  },
  summary: {
    en: "New {new}, updated {updated}, total {total}",
    ru: "Новых {new}, изменённых {updated}, всего {total}",
  },
  complete: { en: "complete", ru: "полное" },
  incomplete: { en: "not complete yet", ru: "ещё не полное" },
} as const satisfies Texts;
