import type { Texts } from "#shared/platform/text.ts";

/** `pipelines`. */
export const PIPELINES = {
  purpose: {
    en: "Lists amoCRM's pipelines and stages with their ids.",
    ru: "Показывает воронки и этапы amoCRM с номерами.",
  },
  help: {
    en: `
All pipelines of the amoCRM account with their stages in order, and which routes and stages of ours use them. The ids are
what \`setup\` and the tables amocrm_routes and amocrm_stages want.

Exit code: 0, 2 for wrong usage, 3 if amoCRM or the project cannot be asked.

Examples:
  npm run amocrm -- pipelines
  npx amocrm pipelines --json | jq '.pipelines[].stages[]'`,
    ru: `
Все воронки аккаунта amoCRM с этапами по порядку и какие наши маршруты и этапы на них указывают. Эти номера нужны команде
\`setup\` и таблицам amocrm_routes и amocrm_stages.

Код возврата: 0; 2 при неверном вызове; 3, если amoCRM или проект не удаётся спросить.

Примеры:
  npm run amocrm -- pipelines
  npx amocrm pipelines --json | jq '.pipelines[].stages[]'`,
  },
  unasked: { en: "amoCRM cannot be asked: {reason}", ru: "amoCRM не удаётся спросить: {reason}" },
  pipeline: { en: "Pipeline {id} «{name}»", ru: "Воронка {id} «{name}»" },
  main: { en: "main", ru: "основная" },
  archived: { en: "archived", ru: "в архиве" },
  open: { en: "open", ru: "открытый" },
  won: { en: "won", ru: "успешно" },
  lost: { en: "lost", ru: "закрыто" },
  unsorted: { en: "unsorted", ru: "неразобранное" },
} as const satisfies Texts;
