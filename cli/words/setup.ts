import type { Texts } from "#shared/platform/text.ts";

/** `setup`: its flags, and what it says at the end. What it asks stands in setup-questions. */
export const SETUP = {
  purpose: {
    en: "Writes routes, stages, fields, settings and Vault secrets.",
    ru: "Записывает маршруты, этапы, поля, настройки и секреты Vault.",
  },
  help: {
    en: `
At a terminal and without flags it asks: where leads go, who is responsible, which stages students' deals move to, which
values go into which fields, by the names that the account has; it shows what it will write, and asks once more.

With flags, with --yes, with --json or in a pipe it asks nothing. Without flags then: leads of all sources go to the account's
main pipeline (a route that is there already stays), the marker field is made, and the utm columns are mapped. Running it
again changes nothing. A route, stage or field that is named replaces that row, with its defaults where a flag is not given;
all other rows stay.

Older variables count as flags: AMOCRM_PIPELINE_ID (route *), AMOCRM_TRIPWIRE_PIPELINE_ID with
AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID (stage student.created) and AMOCRM_STAGE_LESSON_1..3 (stages lesson.67 to lesson.69).
A flag for the same row wins.

A hosted project's Vault gets the functions' URL (--functions-url, AMOCRM_FUNCTIONS_URL, else SUPABASE_URL with
/functions/v1). What opens them for the database is a token that it makes itself; a secret key of before goes. An address
that is not this project's is refused, unless --force says that it is meant (a proxy, a domain of its own).
--monitor-token makes one for outside monitors, which opens amocrm-health only; it is shown once.

A token of another amoCRM account than before, and a copied or restored database, send nothing until somebody says so:
--switch. If the account is another one, what is known of the one before is forgotten and sending pauses. With OAuth it is
connect --switch.

Alerts go around the functions by two addresses in Vault: --alert-url (AMOCRM_ALERT_URL) takes a post {"text": …} and gets a
test at once, whose answer is told; --dead-man-url (AMOCRM_DEAD_MAN_URL) is called each 5 minutes while all is well. https
only; an empty one is taken away, one that is not given stays. Only their hosts are told, since the rest is often a token.

Exit code: 0 if nothing was refused (warnings are printed), 1 if a step was refused, 2 for wrong usage, 3 if the
project cannot be asked.

Examples:
  npm run amocrm -- setup
  npm run amocrm -- setup --yes
  npm run amocrm -- setup --pipeline 4400 --status 61001 --tag site --tag lead
  npm run amocrm -- setup --source webinar --pipeline 4400 --on-repeat deal --deal-name '{name} — webinar'
  npm run amocrm -- setup --stage student.created=4500:62001 --stage lesson.67=4500:62002
  npm run amocrm -- setup --field deal.metadata.tariff=415 --field contact.metadata.telegram=303
  npm run amocrm -- setup --min-interval-ms 500 --marker --utm --json
  npm run amocrm -- setup --alert-url 'https://hooks.slack.com/services/…'`,
    ru: `
В терминале и без флагов спрашивает: куда идут заявки, кто отвечает, на какие этапы переходят сделки учеников, какие значения в
какие поля, всё по названиям из аккаунта; показывает, что запишет, и спрашивает ещё раз.

С флагами, с --yes, с --json или в конвейере ничего не спрашивает. Тогда без флагов: заявки всех источников идут в основную
воронку аккаунта (маршрут, который уже есть, остаётся), создаётся поле-метка, поля utm сопоставляются. Повторный запуск ничего
не меняет. Названные маршрут, этап или поле заменяют свою строку (чего не указали, становится обычным); остальные строки остаются.

Старые переменные считаются флагами: AMOCRM_PIPELINE_ID (маршрут *), AMOCRM_TRIPWIRE_PIPELINE_ID с
AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID (этап student.created) и AMOCRM_STAGE_LESSON_1..3 (этапы lesson.67, lesson.68, lesson.69).
Флаг для той же строки важнее.

Vault проекта на платформе получает адрес функций (--functions-url, AMOCRM_FUNCTIONS_URL, иначе SUPABASE_URL и /functions/v1).
Ключ, с которым база их вызывает, она делает сама; прежний секретный ключ убирается. Чужой адрес не принимается, если --force не
говорит, что так и надо (прокси, собственный домен). --monitor-token делает ключ для внешнего наблюдения: он открывает только
amocrm-health и показывается один раз.

С токеном другого аккаунта amoCRM и из скопированной или восстановленной базы ничего не отправляется, пока человек не подтвердит:
--switch. Если аккаунт другой, всё известное о прежнем забывается и отправка встаёт на паузу. С OAuth это connect --switch.

Оповещения идут мимо функций по двум адресам в Vault: --alert-url (AMOCRM_ALERT_URL) принимает POST {"text": …} и сразу получает
проверку, ответ на неё показывается; --dead-man-url (AMOCRM_DEAD_MAN_URL) вызывается каждые 5 минут, пока всё хорошо. Только https;
пустой адрес убирает прежний, не указанный остаётся. Показывается только имя хоста: остальное часто секрет.

Код возврата: 0, если ничего не отклонено (предупреждения печатаются); 1, если какой-то шаг отклонён; 2 при неверном вызове; 3,
если проект не удаётся спросить.

Примеры:
  npm run amocrm -- setup
  npm run amocrm -- setup --yes
  npm run amocrm -- setup --pipeline 4400 --status 61001 --tag сайт --tag заявка
  npm run amocrm -- setup --source webinar --pipeline 4400 --on-repeat deal --deal-name '{name} — вебинар'
  npm run amocrm -- setup --stage student.created=4500:62001 --stage lesson.67=4500:62002
  npm run amocrm -- setup --field deal.metadata.tariff=415 --field contact.metadata.telegram=303
  npm run amocrm -- setup --min-interval-ms 500 --marker --utm --json
  npm run amocrm -- setup --alert-url 'https://hooks.slack.com/services/…'`,
  },
  pipeline: {
    en: "pipeline for new deals; default: the account's main one",
    ru: "воронка новых сделок; обычно основная",
  },
  status: {
    en: "stage for new deals; default: the pipeline's first",
    ru: "этап новых сделок; обычно первый в воронке",
  },
  responsible: { en: "user responsible for new deals", ru: "ответственный за новые сделки" },
  source: {
    en: "leads of this source only; default: *, all that have no route of their own",
    ru: "только заявки этого источника; обычно *, все без своего маршрута",
  },
  onRepeat: {
    en: "a further lead of a person with an open deal: note, note_and_task or deal",
    ru: "ещё одна заявка человека с открытой сделкой: note, note_and_task или deal",
  },
  dealName: {
    en: "name of new deals, such as '{name} — {source}'",
    ru: "название новых сделок, например '{name} — {source}'",
  },
  tag: { en: "tag for new deals; may be repeated", ru: "тег новых сделок; можно несколько" },
  stage: {
    en: "where an event moves the deal; may be repeated",
    ru: "куда событие переводит сделку; можно несколько",
  },
  field: {
    en: "which field takes a value, by id or code; may be repeated",
    ru: "в какое поле идёт значение, по номеру или коду; можно несколько",
  },
  marker: {
    en: "make or find the deal field that carries the lead's id",
    ru: "создать или найти поле сделки с id заявки",
  },
  utm: { en: "map the utm columns to the account's fields", ru: "сопоставить utm с полями аккаунта" },
  minInterval: {
    en: "the pace: smallest time between two requests, 150 or more",
    ru: "темп: наименьшее время между запросами, от 150",
  },
  switch: {
    en: "send to the token's account and from this database, whatever it was before",
    ru: "отправлять в аккаунт токена и из этой базы, что бы ни было раньше",
  },
  functionsUrl: {
    en: "Vault: where the database calls the functions",
    ru: "Vault: по какому адресу база вызывает функции",
  },
  force: {
    en: "take a --functions-url that is not this project's",
    ru: "принять --functions-url не этого проекта",
  },
  cronKey: {
    en: "of no effect any more: the database has a token of its own",
    ru: "больше ни на что не влияет: у базы свой ключ",
  },
  monitorToken: {
    en: "make a token for outside monitors of amocrm-health, shown once",
    ru: "сделать ключ для внешнего наблюдения, показывается один раз",
  },
  alertUrl: {
    en: "where the database posts an alert that cannot go by mail; '' takes it away",
    ru: "куда база шлёт оповещение, если почта не работает; '' убирает",
  },
  deadManUrl: {
    en: "what it calls each 5 minutes while all is well; '' takes it away",
    ru: "что она вызывает каждые 5 минут, пока всё хорошо; '' убирает",
  },
  yes: { en: "ask nothing, also at a terminal", ru: "ничего не спрашивать и в терминале" },
  nothingWritten: { en: "Nothing was written.", ru: "Ничего не записано." },
  foreignUrl: {
    en: "--functions-url {url} is not this project's address {own}: the database would call somebody else",
    ru: "--functions-url {url}: это не адрес этого проекта {own}, база вызывала бы чужие функции",
  },
  foreignUrlRemedy: {
    en: "If a proxy or a domain of your own is meant, add --force",
    ru: "Если это прокси или собственный домен, добавьте --force",
  },
  done: { en: "done", ru: "сделано" },
  unchanged: { en: "unchanged", ru: "без изменений" },
  warning: { en: "warning", ru: "внимание" },
  refused: { en: "refused", ru: "отклонено" },
  unasked: {
    en: "amoCRM cannot be asked what there is to choose from: {reason}",
    ru: "amoCRM не удаётся спросить, из чего выбирать: {reason}",
  },
  unaskedRemedy: {
    en: "npm run amocrm -- doctor tells what is missing; setup --yes writes the defaults without asking",
    ru: "Чего не хватает, покажет npm run amocrm -- doctor; setup --yes запишет обычное без вопросов",
  },
} as const satisfies Texts;
