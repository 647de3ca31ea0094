import type { Texts } from "#shared/platform/text.ts";

/** `doctor`: its purpose and help. */
export const DOCTOR = {
  purpose: { en: "What is wrong, and how to mend it.", ru: "Что не так и как это исправить." },
  help: {
    en: `
Looks at everything a lead needs on its way to amoCRM: this command's and the functions' variables, extensions, cron, Vault,
the database's call of the functions, the token, the account, every pipeline, stage, user and field that the tables name,
clocks, pace and backlog, quarantine, possible duplicates and open incidents. One line each:

  ✓ is as it should be      ✗ is wrong: leads do not arrive, or not as configured
  ! should be looked at     – cannot be checked, because of another line

What follows the arrow is the remedy. It changes nothing, and asks amoCRM at the account's pace: a few requests.

Exit code: 0 if nothing is wrong (warnings are printed), 1 on any ✗ (also if the project cannot be asked), 2 for wrong usage.

Examples:
  npm run amocrm -- doctor
  npm run amocrm -- doctor --lang ru
  npx amocrm doctor --json | jq '.findings[] | select(.outcome == "wrong")'`,
    ru: `
Проверяет всё, что нужно заявке на пути в amoCRM: переменные этой команды и функций, расширения, cron, Vault, вызов функций из
базы, токен, аккаунт, каждую воронку, этап, пользователя и поле из таблиц, часы, темп и очередь, карантин, возможные дубли и
открытые оповещения. По строке на каждое:

  ✓ в порядке               ✗ не так: заявки не доходят или доходят не как настроено
  ! стоит посмотреть        – не проверить, из-за другой строки

После стрелки сказано, что делать. Ничего не меняет, к amoCRM обращается в темпе аккаунта: несколько запросов.

Код возврата: 0, если всё в порядке (предупреждения печатаются); 1 при любом ✗ (и если проект не удаётся спросить); 2 при неверном
вызове.

Примеры:
  npm run amocrm -- doctor
  npm run amocrm -- doctor --lang ru
  npx amocrm doctor --json | jq '.findings[] | select(.outcome == "wrong")'`,
  },
} as const satisfies Texts;
