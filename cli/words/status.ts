import type { Texts } from "#shared/platform/text.ts";

/** `status`, with and without `--watch`. */
export const STATUS = {
  purpose: {
    en: "Do leads reach amoCRM, and if not, what is to be done?",
    ru: "Доходят ли заявки до amoCRM, а если нет, что делать?",
  },
  help: {
    en: `
With --watch it stays and shows the same each 2 s in place, with a bar for each kind and lane: what was delivered in the last
hour, what waits, what was sent without an answer, what is dead. Ctrl-C ends it. That needs a terminal.

Beside the verdict it tells open alerts with severity, age and remedy, leads in quarantine, and whether mails go out.

Exit code: 0 if the verdict is ok, whatever stands beside it, 1 if anything else is to be said (paused, unconfigured, blocked, dead messages …), 2 for
wrong usage, 3 if the project cannot be asked. With --watch 0 at the end.

Examples:
  npm run amocrm -- status
  npm run amocrm -- status --watch
  npx amocrm status --json | jq .verdict
  npm run amocrm -- status --local`,
    ru: `
С --watch остаётся на экране и обновляется каждые 2 с, с полосой для каждого вида и очереди: доставлено за последний час,
ждёт, отправлено без ответа, не доставлено. Завершить: Ctrl-C. Нужен терминал.

Рядом с итогом показывает открытые оповещения (важность, возраст, что делать), заявки в карантине и уходят ли письма.

Код возврата: 0, если итог ok, что бы ни стояло рядом; 1, если есть что сказать (пауза, не настроено, остановлено, недоставленные
сообщения…); 2 при неверном вызове; 3, если проект не удаётся спросить. С --watch в конце 0.

Примеры:
  npm run amocrm -- status
  npm run amocrm -- status --watch
  npx amocrm status --json | jq .verdict
  npm run amocrm -- status --local`,
  },
  watch: {
    en: "stay and show it again each 2 s, in place",
    ru: "остаться и обновлять каждые 2 с на том же месте",
  },
  watchNeeds: { en: "--watch needs a terminal", ru: "Для --watch нужен терминал" },
  watchInstead: {
    en: "Leave it out: status prints once and ends",
    ru: "Уберите его: status напечатает один раз и завершится",
  },
  ending: { en: "Ctrl-C ends it", ru: "завершить: Ctrl-C" },
  old: { en: "cannot be asked, this is old: {trouble}", ru: "сейчас не спросить, данные прежние: {trouble}" },
  problem: { en: "Problem", ru: "Причина" },
  remedy: { en: "Remedy", ru: "Что делать" },
  notice: { en: "Notice", ru: "Заметьте" },
  verdictPaused: { en: "paused", ru: "пауза (paused)" },
  verdictDisabled: { en: "disabled", ru: "выключено (disabled)" },
  verdictUnconfigured: { en: "unconfigured", ru: "не настроено (unconfigured)" },
  verdictStopped: { en: "stopped", ru: "не работает (stopped)" },
  verdictUnreachable: { en: "unreachable", ru: "нет связи с функциями (unreachable)" },
  verdictFailing: { en: "failing", ru: "сбой (failing)" },
  verdictBlocked: { en: "blocked", ru: "отправка остановлена (blocked)" },
  verdictAttention: { en: "attention", ru: "нужно внимание (attention)" },
  verdictBehind: { en: "behind", ru: "отстаёт (behind)" },
  counts: {
    en: "Waiting {waiting}, uncertain {uncertain}, dead {dead}, duplicates {duplicates}",
    ru: "Ждут {waiting}, без ответа {uncertain}, не доставлены {dead}, возможных дублей {duplicates}",
  },
  oldest: { en: "The oldest waits for {since}", ru: "Самое старое ждёт {since}" },
  through: { en: "The backlog is through in {in}", ru: "Очередь разойдётся через {in}" },
  lastLead: { en: "Last lead {since} ago", ru: "Последняя заявка {since} назад" },
  lastDelivered: { en: "Last delivered {since} ago", ru: "Последняя доставка {since} назад" },
  mirrorComplete: {
    en: "Mirror: complete, last read {since} ago",
    ru: "Зеркало amoCRM: полное, прочитано {since} назад",
  },
  mirrorPartly: {
    en: "Mirror: not complete yet, last read {since} ago",
    ru: "Зеркало amoCRM: ещё не полное, прочитано {since} назад",
  },
  mirrorNever: {
    en: "Mirror: {state}, never read through",
    ru: "Зеркало amoCRM: {state}, до конца ещё не читалось",
  },
  complete: { en: "complete", ru: "полное" },
  incomplete: { en: "not complete yet", ru: "ещё не полное" },
  pace: { en: "Pace: one request in {ms} ms", ru: "Темп: один запрос в {ms} мс" },
  paceSlowed: {
    en: "Pace: one request in {ms} ms, slowed down from {set} ms after {reason}",
    ru: "Темп: один запрос в {ms} мс, замедлен с {set} мс после {reason}",
  },
  breaker: { en: "Breaker: open, {code}", ru: "Отправка остановлена: {code}" },
  breakerNext: {
    en: "Breaker: open, {code}, next try in {in}",
    ru: "Отправка остановлена: {code}, следующая попытка через {in}",
  },
  refused: {
    en: "Connection: refused by amoCRM ({code})",
    ru: "Подключение: amoCRM отклоняет ({code})",
  },
  refusedFor: {
    en: "Connection: refused by amoCRM for {since} ({code})",
    ru: "Подключение: amoCRM отклоняет уже {since} ({code})",
  },
  sessionDown: {
    en: "Connection: the session service lets no call through ({code}), docs/areas/session.md",
    ru: "Подключение: сервис сессии не пропускает вызовы ({code}), docs/areas/session.ru.md",
  },
  connection: { en: "Connection: {state}{rest}{uptime}", ru: "Подключение: {state}{rest}{uptime}" },
  connected: { en: "connected", ru: "есть" },
  notConnected: { en: "not_connected", ru: "нет (not_connected)" },
  reauth: { en: "reauth_required", ru: "прервано, подключите заново (reauth_required)" },
  lasts: { en: ", lasts for {in}", ru: ", действует ещё {in}" },
  uptime: {
    en: ", usable for {share} of the last 30 days",
    ru: ", за последние 30 дней работало {share} времени",
  },
  critical: { en: "critical", ru: "критично" },
  warning: { en: "warning", ru: "предупреждение" },
  info: { en: "info", ru: "к сведению" },
  alert: {
    en: "Alert {code}, {severity}, for {since}: {detail}",
    ru: "Оповещение {code}, {severity}, уже {since}: {detail}",
  },
  alertOver: {
    en: "Alert {code}, over for {since}, closes in {in}: {detail}",
    ru: "Оповещение {code}, прошло {since} назад, закроется через {in}: {detail}",
  },
  runbook: { en: "docs/operate/runbook.md, {code}", ru: "docs/operate/runbook.md, {code}" },
  quarantine: {
    en: "Quarantine: {count} {count|lead|leads} without a message",
    ru: "Карантин: {count} {count|заявка|заявки|заявок} без отправки",
  },
  quarantineSince: {
    en: "Quarantine: {count} {count|lead|leads} without a message, the oldest for {since}",
    ru: "Карантин: {count} {count|заявка|заявки|заявок} без отправки, самая старая {since}",
  },
  mail: { en: "Mail: {notice}", ru: "Почта: {notice}" },
  mailWrong: {
    en: "Mail {verdict}: {problem}; waiting {waiting}, dead {dead}",
    ru: "Почта, {verdict}: {problem}; ждут {waiting}, не доставлены {dead}",
  },
  noMessages: {
    en: "No messages: nothing waits, and nothing was delivered in the last hour.",
    ru: "Сообщений нет: ничего не ждёт, и за последний час ничего не доставлено.",
  },
  noneLastHour: { en: "No messages in the last hour.", ru: "За последний час сообщений нет." },
  legend: {
    en: "# delivered in the last hour   - waiting   ? sent, answer unknown   x dead",
    ru: "# доставлено за последний час   - ждёт   ? отправлено, ответа нет   x не доставлено",
  },
} as const satisfies Texts;
