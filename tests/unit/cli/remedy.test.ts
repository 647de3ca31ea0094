import { describe, expect, it } from "vitest";
import { fitRemedy } from "#cli/remedy.ts";
import type { Target } from "#cli/target.ts";
import { same } from "#shared/platform/text.ts";

const HOSTED: Target = {
  kind: "hosted",
  url: "https://abcdefghijklmnopqrst.supabase.co",
  secretKey: "sb_secret_a",
  origin: "SUPABASE_URL",
};
const OWN: Target = { ...HOSTED, url: "https://supabase.school.example" };
const LOCAL: Target = { ...HOSTED, kind: "local", url: "http://127.0.0.1:1", origin: "/p/.dev/stack.json" };
const CLI = "npx supabase@3.1.0";
const REF = "--remote=abcdefghijklmnopqrst";

describe("fitRemedy", () => {
  it.each([
    [
      "a variable of a hosted project",
      HOSTED,
      "npx supabase secrets set AMOCRM_ENABLED=true",
      `${CLI} secrets set ${REF} AMOCRM_ENABLED=true`,
    ],
    [
      "two commands",
      HOSTED,
      "npx supabase secrets set A=…; npx supabase secrets unset AA",
      `${CLI} secrets set ${REF} A=…; ${CLI} secrets unset ${REF} AA`,
    ],
    [
      "what health says",
      HOSTED,
      "npx supabase secrets set --remote=<ref> NAME=value; npm run amocrm -- doctor",
      `${CLI} secrets set ${REF} NAME=value; npm run amocrm -- doctor`,
    ],
    [
      "no operand",
      HOSTED,
      "Set them (supabase secrets set), and",
      `Set them (${CLI} secrets set ${REF}), and`,
    ],
    ["a deploy", HOSTED, "npx supabase functions deploy", `${CLI} functions deploy --use-api ${REF}`],
    ["a push", HOSTED, "npx supabase db push", `${CLI} db push ${REF}`],
    ["a host of one's own", OWN, "npx supabase db push", `${CLI} db push --remote=<ref>`],
    ["no project", null, "npx supabase db push", `${CLI} db push --remote=<ref>`],
    [
      "a variable of the local stack",
      LOCAL,
      "npx supabase secrets set AMOCRM_ACCESS_TOKEN=…, or npm run amocrm -- connect",
      "echo 'AMOCRM_ACCESS_TOKEN=…' >> /p/.dev/stack.json.env, or npm run amocrm -- connect",
    ],
    [
      "one too many there",
      LOCAL,
      "supabase secrets unset AMOCRM_X",
      "echo 'AMOCRM_X=' >> /p/.dev/stack.json.env",
    ],
    ["no operand there", LOCAL, "(supabase secrets set)", "(echo 'NAME=value' >> /p/.dev/stack.json.env)"],
    ["a deploy there", LOCAL, "npx supabase functions deploy", "start npm run dev again"],
    ["what is no command of that CLI", HOSTED, "select amocrm_resume()", "select amocrm_resume()"],
  ])("makes of %s a command that works when pasted", (_, target, remedy, fitted) => {
    expect(fitRemedy(same(remedy), target).en).toBe(fitted);
  });

  it("changes nothing that it has fitted already", () => {
    const fitted = fitRemedy(same("npx supabase secrets set A=b"), HOSTED);
    expect(fitRemedy(fitted, HOSTED)).toEqual(fitted);
  });
});
