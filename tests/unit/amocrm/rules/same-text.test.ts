import { describe, expect, it } from "vitest";
import { isSameText } from "#shared/amocrm/rules/same-text.ts";

describe("isSameText", () => {
  it.each([
    ["the text itself", "Анна — вебинар", "Анна — вебинар"],
    ["trimmed", "Анна", "  Анна \n"],
    ["with white space made one", "Анна К. — заявка", "Анна  К.\n— заявка"],
    ["with entities", "Tom &amp; &quot;Jerry&quot; &lt;3 &#1040;&#x430;", 'Tom & "Jerry" <3 Аа'],
    ["with another form of an emoji", "Анна \u2764", "Анна \u2764\uFE0F"],
    ["without its emoji", "Анна  вебинар", "Анна 🎓 вебинар"],
    ["in another normal form", "Зои\u0306", "Зой"],
    ["of nothing but emoji", "\u2764 \u2764", "\u2764\uFE0F\u2764\uFE0F"],
    ["cut at a limit", "я".repeat(255), "я".repeat(300)],
  ])("knows a text again: %s", (_name, seen, sent) => {
    expect(isSameText(seen, sent)).toBe(true);
  });

  it.each([
    ["another", "Анна", "Инна"],
    ["a longer one", "Lead 1", "Lead 11"],
    ["a short beginning", "Анна", "Анна Каренина"],
    ["nothing", "", "Анна"],
    ["other emoji", "🎓", "❤"],
  ])("is not taken in by %s", (_name, seen, sent) => {
    expect(isSameText(seen, sent)).toBe(false);
  });
});
