import { expect, it } from "vitest";
import { askParts } from "#cli/setup/ask-parts.ts";
import { sayIn } from "#shared/platform/text.ts";
import { createBench } from "./support/command.ts";
import { createTypist, ENTER } from "./support/typist.ts";

const { target } = createBench({ answer: () => ({}) }).context;
const UNSET = ["MOBIZON_API_KEY", "MOBIZON_WEBHOOK_SECRET", "UNSUBSCRIBE_PAGE_URL", "LINK_FALLBACK_URL"];

it("asks which optional parts are wanted, and tells what to type for them, without a value", async () => {
  const { prompts, screen, unasked } = createTypist([
    ["Do you send SMS, through Mobizon?", `y${ENTER}`],
    ["Do sequences of mails go out", ENTER],
  ]);
  const lines = await askParts(prompts, UNSET, target, sayIn("en"));
  expect(unasked()).toEqual([]);
  expect(lines).toEqual([
    "Then type, with your values in place of …",
    expect.stringContaining("the key is at Mobizon under API"),
    expect.stringMatching(/^ {2}npx supabase@[\d.]+ secrets set --remote=\S+ MOBIZON_API_KEY=…$/),
    expect.stringMatching(/^ {2}npx supabase@[\d.]+ secrets set --remote=\S+ MOBIZON_WEBHOOK_SECRET=…$/),
  ]);
  // What is set already is not asked for.
  expect(screen()).not.toContain("short links");
  expect(screen()).not.toContain("Qtickets");
});

it("says nothing of what nobody wants", async () => {
  const { prompts } = createTypist([["Отправляете ли вы SMS, через Mobizon?", ENTER]]);
  expect(await askParts(prompts, ["MOBIZON_API_KEY"], target, sayIn("ru"))).toEqual([]);
});
