import type { Texts } from "../../platform/text.ts";

/** What is said about the subscription to amoCRM's hooks. */
export const WEBHOOK = {
  broken: {
    en: "The subscription to amoCRM's hooks is gone and could not be made again: {code}",
    ru: "Подписки на вебхуки amoCRM больше нет, и создать её заново не удалось: {code}",
  },
  healed: {
    en: "The subscription to amoCRM's hooks was gone, disabled or silent and was made again",
    ru: "Подписка на вебхуки amoCRM пропала, была отключена или молчала и создана заново",
  },
} as const satisfies Texts;
