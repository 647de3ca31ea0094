import type { Texts } from "#shared/platform/text.ts";

/** `backfill`. */
export const BACKFILL = {
  purpose: {
    en: "Sends history: rows that never reached amoCRM.",
    ru: "Отправляет историю: то, что до amoCRM не доходило.",
  },
  help: {
    en: `
Sends history: rows that never reached amoCRM and have no message yet, oldest first, behind live leads. What was delivered
once is never sent again, however often this runs. Dead and cancelled messages are not history: see requeue.

Shows what it would cost, asks, enqueues, and follows the delivery. Ctrl-C ends the following only; the backfill goes on.
With --json nothing is asked (give --yes or --dry-run) and nothing is followed: ask for status.

Exit code: 0 if all was delivered, is on its way or there was nothing to do, or the question was answered with no; 1 if
messages ended as dead; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- backfill --dry-run
  npm run amocrm -- backfill --since 2026-01-01 --limit 5000
  npm run amocrm -- backfill --table tripwire_users --yes
  npx amocrm backfill --yes --json`,
    ru: `
Отправляет историю: строки, которые не доходили до amoCRM и ещё не поставлены в очередь, начиная со старых, после новых заявок.
Что доставлено однажды, второй раз не отправляется, сколько ни запускай. Недоставленные и отменённые сообщения не история: см.
requeue.

Показывает, во что это обойдётся, спрашивает, ставит в очередь и показывает доставку. Ctrl-C прекращает только показ. С --json не
спрашивает (нужен --yes или --dry-run) и не показывает ход: см. status.

Код возврата: 0, если всё доставлено, в пути, отправлять нечего или ответили «нет»; 1, если есть недоставленные; 2 при неверном
вызове; 3, если проект не удаётся спросить.

Примеры:
  npm run amocrm -- backfill --dry-run
  npm run amocrm -- backfill --since 2026-01-01 --limit 5000
  npm run amocrm -- backfill --table tripwire_users --yes
  npx amocrm backfill --yes --json`,
  },
  table: {
    en: "unified_lead_tracking (leads, the default) or tripwire_users (students)",
    ru: "unified_lead_tracking (заявки, обычно) или tripwire_users (ученики)",
  },
  since: {
    en: "rows created then or later; default: all",
    ru: "строки, созданные с этого времени; обычно все",
  },
  limit: { en: "how many rows at most; default: 1000", ru: "сколько строк самое большее; обычно 1000" },
  dryRun: { en: "print the estimate and end", ru: "показать оценку и завершиться" },
  yes: { en: "start without asking", ru: "начать без вопроса" },
  dryRunInstead: {
    en: ", or --dry-run for the estimate only",
    ru: ", или --dry-run, чтобы увидеть только оценку",
  },
  start: { en: "Start it?", ru: "Начать?" },
  nothingEnqueued: { en: "Nothing was enqueued.", ru: "Ничего не поставлено в очередь." },
  enqueued: {
    en: "{count} enqueued, behind live leads.",
    ru: "В очередь {count|поставлено|поставлены|поставлено} {count}, после новых заявок.",
  },
  nothing: {
    en: "Nothing to send: every row in question has reached amoCRM or has a message.",
    ru: "Отправлять нечего: каждая такая строка дошла до amoCRM или стоит в очереди.",
  },
  toSend: {
    en: "{count} to send: about {requests} requests, {time} at one request in {ms} ms.",
    ru: "К отправке {count}: около {requests} {requests|запроса|запросов|запросов}, {time} при одном запросе в {ms} мс.",
  },
  toSendMore: {
    en: "{count} to send (the limit; there may be more): about {requests} requests, {time} at one request in {ms} ms.",
    ru: "К отправке {count} (это предел, может быть и больше): около {requests} {requests|запроса|запросов|запросов}, {time} при одном запросе в {ms} мс.",
  },
  liveFirst: {
    en: "Live leads go first, so it takes longer while they come in.",
    ru: "Новые заявки идут первыми, поэтому, пока они приходят, будет дольше.",
  },
  left: { en: "about {left} left", ru: "осталось около {left}" },
  trouble: { en: "{verdict}: {problem}", ru: "{verdict}: {problem}" },
  progress: { en: "{done} of {total}", ru: "{done} из {total}" },
  goesOn: {
    en: "The backfill goes on without this command: npm run amocrm -- status",
    ru: "Отправка идёт и без этой команды: npm run amocrm -- status",
  },
  stuck: {
    en: "{count} wait: this version cannot send their kind yet.",
    ru: "{count} ждут: эта версия ещё не умеет отправлять такие.",
  },
  delivered: { en: "All delivered.", ru: "Всё доставлено." },
  dead: {
    en: "{count} are dead; the others are delivered. See npm run amocrm -- dead",
    ru: "Не доставлено {count}, остальное доставлено. Почему: npm run amocrm -- dead",
  },
} as const satisfies Texts;
