import type { z } from "zod";
import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button } from "./pieces.ts";

const PAGE_ROWS = 50;

/** Rows of a view that has an order of its own, with a button for further ones. `isAll` is false while there may be more. */
export async function pagedList<T>(
  desk: Desk,
  name: string,
  shape: z.ZodType<T>,
  draw: (rows: readonly T[], isAll: boolean) => HTMLElement | Promise<HTMLElement>,
): Promise<HTMLElement> {
  const place = make("div", "stack");
  const rows: T[] = [];
  const next = async (): Promise<void> => {
    // One more than is shown tells whether there are more.
    const page = await desk.view(name, shape, { from: rows.length, count: PAGE_ROWS + 1 });
    const isAll = page.length <= PAGE_ROWS;
    rows.push(...page.slice(0, PAGE_ROWS));
    place.replaceChildren(
      rows.length === 0 ? make("p", "soft", desk.texts.noneYet) : await draw(rows, isAll),
    );
    if (!isAll) place.append(button(desk.texts.more, "more", () => void desk.attempt(next)));
  };
  await next();
  return place;
}
