import type { Page } from "./page.ts";

const BEGIN_AGAIN = {
  ru: "Откройте ссылку ещё раз; если она устарела, попросите новую: npm run amocrm -- connect",
  en: "Open the link again; if it has expired, ask for a new one: npm run amocrm -- connect",
};
const UNCHANGED = { ru: "Ничего не изменилось.", en: "Nothing has changed." };

/** A page about something that did not happen: what, why, and what to do. */
export function refusalPage(
  status: number,
  ru: { title: string; why: string; remedy?: string },
  en: { title: string; why: string; remedy?: string },
): Page {
  return {
    status,
    ru: { title: `✗ ${ru.title}`, text: [ru.why, ru.remedy ?? BEGIN_AGAIN.ru, UNCHANGED.ru] },
    en: { title: `✗ ${en.title}`, text: [en.why, en.remedy ?? BEGIN_AGAIN.en, UNCHANGED.en] },
  };
}
