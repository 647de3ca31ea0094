import type { Texts } from "#shared/platform/text.ts";

/** `uninstall`. */
export const UNINSTALL = {
  purpose: {
    en: "Takes everything out again, but what people have entered.",
    ru: "Убирает всё, кроме того, что ввели люди.",
  },
  help: {
    en: `
Takes everything out again: cron jobs, triggers, views, functions, settings, the schema amocrm with the outbox, the Vault
secrets, our rows in the history of migrations, and the deployed edge functions. The database part is one transaction.

Leads, students and what belongs to them stay, with their ids in amoCRM, policies and grants: forms go on saving. What is in
amoCRM stays there too. Messages that have not been delivered are lost; they are counted first.

It works through the Supabase CLI and its login (SUPABASE_ACCESS_TOKEN, or supabase login), not through amocrm-admin. It lists
all of it and wants the project's ref typed in; where nobody can be asked, give it with --confirm.

To install again: supabase db push, functions deploy, setup. Leads saved in between are history then, see backfill.

Exit code: 0 if it is gone, was not there, or for a dry run; 1 if what was typed is not the ref; 2 for wrong usage; 3 if the
project cannot be reached.

Examples:
  npm run amocrm -- uninstall --dry-run
  npm run amocrm -- uninstall --export links.json
  npx amocrm uninstall --remote abcdefghijklmnopqrst --confirm abcdefghijklmnopqrst --json`,
    ru: `
Убирает всё: задания cron, триггеры, представления, функции, настройки, схему amocrm с очередью, секреты Vault, наши строки в
истории миграций и развёрнутые функции. Часть в базе выполняется одной транзакцией.

Заявки, ученики и всё, что к ним относится, остаются, с их номерами в amoCRM, политиками и правами: формы продолжают сохранять. То,
что есть в amoCRM, тоже остаётся. Недоставленное теряется; сначала показано, сколько его.

Работает через Supabase CLI и её вход (SUPABASE_ACCESS_TOKEN или supabase login), а не через amocrm-admin. Показывает весь список и
просит набрать ref проекта; где спросить некого, укажите его в --confirm.

Установить снова: supabase db push, functions deploy, setup. Заявки, сохранённые в промежутке, станут историей, см. backfill.

Код возврата: 0, если всё убрано, ничего и не было или это пробный запуск; 1, если набран не ref; 2 при неверном вызове; 3, если
проект недоступен.

Примеры:
  npm run amocrm -- uninstall --dry-run
  npm run amocrm -- uninstall --export links.json
  npx amocrm uninstall --remote abcdefghijklmnopqrst --confirm abcdefghijklmnopqrst --json`,
  },
  remote: {
    en: "the project's ref; default: that of SUPABASE_URL",
    ru: "ref проекта; обычно из SUPABASE_URL",
  },
  dryRun: {
    en: "list what would be removed and what would stay, and end",
    ru: "показать, что будет убрано и что останется, и завершиться",
  },
  export: {
    en: "write which contact and deal belong to which row, before",
    ru: "сначала записать, какой контакт и сделка у какой строки",
  },
  confirm: { en: "the project's ref, instead of typing it in", ru: "ref проекта, чтобы не набирать" },
  noRef: { en: "SUPABASE_URL does not tell the project's ref", ru: "По SUPABASE_URL не видно ref проекта" },
  noRefRemedy: {
    en: "--remote <ref>, as it stands in the dashboard's address, or --remote postgresql://… for a database of your own",
    ru: "--remote <ref>, как в адресе панели Supabase, или --remote postgresql://… для собственной базы",
  },
  badRemote: {
    en: "--remote must be a project's ref (20 letters) or a postgresql:// URL",
    ru: "--remote: нужен ref проекта (20 букв) или адрес postgresql://",
  },
  unnamed: {
    en: "No project is named: SUPABASE_URL is not set, and there is no local stack at {file}",
    ru: "Проект не назван: SUPABASE_URL не задана, и локального стенда в {file} нет",
  },
  login: {
    en: "npx {cli} login, or set SUPABASE_ACCESS_TOKEN",
    ru: "npx {cli} login, или задайте SUPABASE_ACCESS_TOKEN",
  },
  addConfirm: {
    en: "Add --confirm {name}, or --dry-run to look only",
    ru: "Добавьте --confirm {name} или --dry-run, чтобы только посмотреть",
  },
  project: { en: "Project: {name}", ru: "Проект: {name}" },
  type: { en: "Type {name} to remove all of this:", ru: "Наберите {name}, чтобы всё это убрать:" },
  notThat: { en: "That is not {name}. Nothing was removed.", ru: "Это не {name}. Ничего не убрано." },
  nothing: { en: "Nothing of it is there.", ru: "Здесь ничего этого нет." },
  removed: { en: "To be removed:", ru: "Будет убрано:" },
  functions: { en: "edge functions: {names}", ru: "развёрнутые функции: {names}" },
  unfinished: {
    en: "{count} {count|message has|messages have} not reached amoCRM, and will not.",
    ru: "До amoCRM не {count|дошло|дошли|дошло} и уже не {count|дойдёт|дойдут|дойдёт} {count} {count|сообщение|сообщения|сообщений}.",
  },
  kept: { en: "To stay, with policies and grants:", ru: "Останется, с политиками и правами:" },
  rows: { en: "{name}: {count} {count|row|rows}", ru: "{name}: {count} {count|строка|строки|строк}" },
  exported: {
    en: "{count} {count|link|links} written to {file}.",
    ru: "В {file} {count|записана|записаны|записано} {count} {count|связь|связи|связей}.",
  },
  exists: {
    en: "--export: {file} exists already; nothing was removed",
    ru: "--export: {file} уже есть; ничего не убрано",
  },
  unwritable: {
    en: "--export: {file} cannot be written ({code}); nothing was removed",
    ru: "--export: не удаётся записать {file} ({code}); ничего не убрано",
  },
  done: {
    en: "Removed. Forms still save; nothing goes to amoCRM any more.",
    ru: "Убрано. Формы по-прежнему сохраняют; в amoCRM больше ничего не идёт.",
  },
  left: {
    en: "Also left: accounts of students, extensions, and that new functions are not executable by everybody.",
    ru: "Остаются также учётные записи учеников, расширения и то, что новые функции доступны не всем.",
  },
  variables: {
    en: "The functions' variables, if nothing else uses them:",
    ru: "Переменные функций, если они больше никому не нужны:",
  },
  oddAnswer: {
    en: "supabase db query answered something else than the rows that were asked for",
    ru: "supabase db query ответила не теми строками, о которых спросили",
  },
  oddAnswerRemedy: {
    en: "Is it another version? npm ci installs the right one; nothing was removed",
    ru: "Это другая версия? Нужную ставит npm ci; ничего не убрано",
  },
} as const satisfies Texts;

/** What is removed, by the kind that the database calls it. */
export const REMOVED = {
  "cron job": {
    en: "{count} {count|cron job|cron jobs}",
    ru: "{count} {count|задание|задания|заданий} cron",
  },
  trigger: { en: "{count} {count|trigger|triggers}", ru: "{count} {count|триггер|триггера|триггеров}" },
  default: {
    en: "{count} {count|default|defaults}",
    ru: "{count} {count|значение|значения|значений} по умолчанию",
  },
  view: {
    en: "{count} {count|view|views}",
    ru: "{count} {count|представление|представления|представлений}",
  },
  function: { en: "{count} {count|function|functions}", ru: "{count} {count|функция|функции|функций}" },
  table: { en: "{count} {count|table|tables}", ru: "{count} {count|таблица|таблицы|таблиц}" },
  column: { en: "{count} {count|column|columns}", ru: "{count} {count|колонка|колонки|колонок}" },
  schema: { en: "{count} {count|schema|schemas}", ru: "{count} {count|схема|схемы|схем}" },
  "Vault secret": {
    en: "{count} {count|Vault secret|Vault secrets}",
    ru: "{count} {count|секрет|секрета|секретов} Vault",
  },
  "row of the history of migrations": {
    en: "{count} {count|row|rows} of the history of migrations",
    ru: "{count} {count|строка|строки|строк} истории миграций",
  },
} as const satisfies Texts;
