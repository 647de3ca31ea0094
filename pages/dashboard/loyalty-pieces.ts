import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { wayTo } from "./pieces.ts";
import type { Screen } from "./route.ts";

const PARTS = [
  ["loyalty", "overview"],
  ["members", "members"],
  ["campaigns", "campaigns"],
] as const;

/** The ways between the screens of loyalty. */
export function loyaltyParts(desk: Desk, shown: Screen): HTMLElement {
  const nav = make("nav", "parts");
  nav.ariaLabel = desk.texts.loyaltyScreens;
  for (const [screen, text] of PARTS) {
    const way = wayTo(desk, { screen, filter: {} }, desk.texts[text]);
    if (screen === shown) way.setAttribute("aria-current", "page");
    nav.append(way);
  }
  return nav;
}

/** The way to a member, named by the first part of the id where nothing else is known. */
export const wayToMember = (desk: Desk, id: string, words = id.slice(0, 8)): HTMLAnchorElement =>
  wayTo(desk, { screen: "member", filter: { id } }, words);

/** A sum of money or points; whole where it is. */
export const sum = (desk: Desk, value: number, currency = ""): string =>
  `${desk.format.number(value)}${currency === "" ? "" : ` ${currency}`}`;
