import type { Texts } from "#shared/platform/text.ts";

/** What the command says of itself: the frame of every help. */
export const PROGRAM = {
  description: {
    en: "Sets up and watches the delivery of leads to amoCRM.",
    ru: "Настраивает доставку заявок в amoCRM и следит за ней.",
  },
  json: {
    en: "print one JSON document and nothing else, also when the command is wrong",
    ru: "напечатать один документ JSON и больше ничего, и при неверном вызове тоже",
  },
  lang: {
    en: "en or ru: the language of help, lines and refusals; default: the shell's",
    ru: "en или ru: язык справки, строк и отказов; обычно язык терминала",
  },
  version: { en: "print the version and end", ru: "показать версию и завершиться" },
  help: { en: "show this help and end", ru: "показать справку и завершиться" },
  commandJson: {
    en: "print one JSON document and nothing else",
    ru: "напечатать один документ JSON и больше ничего",
  },
  dotenv: {
    en: "read variables from this file; default: .env",
    ru: "прочитать переменные из этого файла; обычно .env",
  },
  local: {
    en: "the local stack, whatever the environment says",
    ru: "локальный стенд, что бы ни стояло в окружении",
  },
  after: {
    en: `
The project is that of SUPABASE_URL and SUPABASE_SECRET_KEY (environment or .env), else the local stack of npm run dev.

Examples:
  npm run amocrm -- setup
  npm run amocrm -- status --watch
  npm run amocrm -- requeue --help
  npx amocrm status --json | jq .verdict`,
    ru: `
Проект тот, что задан в SUPABASE_URL и SUPABASE_SECRET_KEY (окружение или .env), иначе локальный стенд npm run dev.

Примеры:
  npm run amocrm -- setup
  npm run amocrm -- status --watch
  npm run amocrm -- requeue --help
  npx amocrm status --json | jq .verdict`,
  },
  usage: { en: "Usage:", ru: "Вызов:" },
  options: { en: "Options:", ru: "Флаги:" },
  commands: { en: "Commands:", ru: "Команды:" },
  arguments: { en: "Arguments:", ru: "Аргументы:" },
  noCommand: { en: "A command is missing", ru: "Не хватает команды" },
  unknownCommand: { en: "unknown command '{name}'{near}", ru: "нет команды «{name}»{near}" },
  unknownOption: { en: "unknown option '{name}'{near}", ru: "нет флага «{name}»{near}" },
  near: { en: " (Did you mean {name}?)", ru: " (может быть, {name}?)" },
  missingValue: { en: "option '{name}' argument missing", ru: "у флага «{name}» не хватает значения" },
  badValue: {
    en: "{name} cannot be {value}. {reason}",
    ru: "{name}: значение {value} не подходит. {reason}",
  },
  missingArgument: { en: "missing required argument '{name}'", ru: "не хватает аргумента «{name}»" },
  excess: {
    en: "too many arguments: {count}",
    ru: "лишние аргументы: {count}",
  },
  seeHelp: { en: "npm run amocrm -- --help", ru: "npm run amocrm -- --help" },
} as const satisfies Texts;
