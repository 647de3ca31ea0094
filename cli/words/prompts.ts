import type { Texts } from "#shared/platform/text.ts";

/** What a prompt says beside its question. */
export const PROMPTS = {
  yes: { en: "Yes", ru: "Да" },
  no: { en: "No", ru: "Нет" },
  yesOrNo: { en: "Answer yes or no", ru: "Ответьте «да» или «нет»" },
  navigate: { en: "navigate", ru: "выбор" },
  select: { en: "select", ru: "готово" },
  noResults: { en: "No results found", ru: "Ничего не найдено" },
} as const satisfies Texts;
