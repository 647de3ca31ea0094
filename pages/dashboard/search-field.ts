import type { Desk } from "./desk.ts";
import { field } from "./pieces.ts";
import { type Route, searched } from "./route.ts";

/** The field of the key /: an e-mail, a phone, a deal, or a number, which is a person's where people are looked for. */
export function searchField(
  desk: Desk,
  words: string,
  filter: Route["filter"],
  onFound: (found: Record<string, string>) => void,
): HTMLLabelElement {
  const search = document.createElement("input");
  search.type = "search";
  search.id = "search";
  search.placeholder = desk.texts.searchHint;
  search.value =
    filter["email"] ??
    filter["phone"] ??
    (filter["deal_id"] ? `deal:${filter["deal_id"]}` : (filter["id"] ?? ""));
  search.addEventListener("change", () => onFound(searched(search.value)));
  return field(words, search, "search");
}

/** Shows the person that was searched for. */
export function goToPerson(desk: Desk, { id, ...found }: Record<string, string>): void {
  desk.go({ screen: "person", filter: id === undefined ? found : { person_id: id } });
}
