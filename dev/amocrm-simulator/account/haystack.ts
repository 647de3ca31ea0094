import type { Settings } from "../settings.ts";
import type { Entity } from "./models.ts";

const PHONE_LIKE = /^[+()\d\s.-]{5,}$/;

/** The text `query` looks through: the name and all field values, in lower case unless set otherwise. */
export function haystackOf(entity: Entity, search: Settings["search"]): string {
  const parts = [entity.name];
  for (const values of entity.fields.values()) {
    for (const { value } of values) {
      const written = String(value);
      parts.push(written);
      if (search.phone === "digits" && PHONE_LIKE.test(written)) parts.push(written.replace(/\D/g, ""));
    }
  }
  const haystack = parts.join("\n");
  return search.case_sensitive ? haystack : haystack.toLowerCase();
}
