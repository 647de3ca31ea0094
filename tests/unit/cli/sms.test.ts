import { describe, expect, it } from "vitest";
import { runSms } from "#cli/commands/sms.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { createBench, NOW_MS } from "./support/command.ts";

const ago = (minutes: number): string => new Date(NOW_MS - minutes * 60_000).toISOString();
const HEALTH = {
  ...{ verdict: "ok", problem: null, remedy: null, waiting_count: 2, held_count: 0, uncertain_count: 1 },
  ...{ dead_count: 0, oldest_waiting_at: ago(1), last_delivered_at: ago(3) },
  ...{ balance: 4711.5, currency: "KZT", balance_checked_at: ago(10) },
};
const ROW = {
  ...{
    id: 41,
    kind: "lead.sms",
    state: "dead",
    subject_table: "unified_lead_tracking",
    subject_id: "lead-1",
  },
  ...{ attempt_count: 1, next_attempt_at: null, created_at: ago(130) },
  ...{
    last_error_code: "sms_refused",
    last_error_message:
      "Mobizon refuses what was sent: check the number and the text, then requeue (code 1, recipient)",
  },
};
const HELD = {
  ...{ message_id: 43, kind: "lead.sms", subject_id: "lead-3", held_since: ago(5) },
  reason:
    "More SMS than message_settings allows for an hour or a day: held until a person releases or cancels it",
};
const TEXTS = [
  { language: "en", body: "Hello, {name}! {link:course}" },
  { language: "ru", body: `${"Урок ждёт. ".repeat(20)}{link:course}` },
];

function answer(request: AdminRequestInput): unknown {
  if (request.action === "requeue" || request.action === "cancel") {
    return { ok: true, messages: request.ids.map((id) => ({ id, outcome: "done", reason: null })) };
  }
  if (request.action !== "sms") throw new Error(`not expected: ${request.action}`);
  switch (request.mode) {
    case "status":
      return { mode: "status", health: HEALTH, declined_count: 0 };
    case "list":
      return { mode: "list", sms: [ROW, { ...ROW, id: 42, last_error_code: "sms_outcome_unknown" }] };
    case "held":
      return { mode: "held", held: [HELD] };
    case "release":
      return { mode: "release", message_count: request.id === null ? 7 : 1 };
    case "again":
      return {
        ...{ mode: "again", ok: false },
        messages: [
          { id: 41, outcome: "refused", reason: "message 41 is no SMS that was looked for in vain" },
          { id: 42, outcome: "done", reason: null },
        ],
      };
    case "preview":
      return {
        ...{ mode: "preview", max_parts: 3, link_base: "https://go.example" },
        texts: request.template === "reminder" ? TEXTS : [],
      };
    default:
      return { mode: request.mode };
  }
}

describe("sms", () => {
  it("tells in both languages how they are, with the balance, and ends with 1 if something is wrong", async () => {
    const { context, terminal, stdout } = createBench({ answer });
    expect(await runSms({}, context, terminal)).toBe(0);
    expect(stdout()).toContain("✓ SMS: they go out");
    expect(stdout()).toMatch(/answer unknown +1\n/);
    expect(stdout()).toMatch(/balance at Mobizon +4711.5 KZT, 10 min ago\n/);
    const held = createBench({
      language: "ru",
      answer: () => ({
        ...{ mode: "status", declined_count: 4 },
        health: {
          ...HEALTH,
          ...{ verdict: "held", held_count: 12, balance: null },
          problem: "SMS are held, because there are too many or their numbers are abroad: 12",
          remedy: "Look at sms_held, then: select sms_release(), or to drop them sms_release(null, true)",
        },
      }),
    });
    expect(await runSms({ words: ["status"] }, held.context, held.terminal)).toBe(1);
    expect(held.stdout()).toContain("SMS задержаны, их слишком много или номера зарубежные: 12");
    expect(held.stdout()).toMatch(/отклонено за сутки +4\n/);
    expect(held.stdout()).toMatch(/баланс в Mobizon +ещё не спрашивали\n/);
    expect(held.stdout()).toContain("npm run amocrm -- sms held");
  });

  it("lists what is dead with Mobizon's reason in words, and sets those apart that may have been sent", async () => {
    const { context, terminal, stdout } = createBench({ answer, language: "ru" });
    expect(await runSms({ words: ["list"] }, context, terminal)).toBe(1);
    expect(stdout()).toContain("✗ SMS: не отправлено 2, ждут 0.");
    expect(stdout()).toContain("Mobizon не принимает отправленное");
    expect(stdout()).toContain("ушли ли эти: 42.");
    const none = createBench({ answer: () => ({ mode: "list", sms: [] }) });
    expect(await runSms({ words: ["list"] }, none.context, none.terminal)).toBe(0);
    expect(none.stdout()).toBe("✓ No SMS waits, and none is dead.\n");
  });

  it("shows the held ones, and lets all or one go or cancels them once a person has said yes", async () => {
    const { context, terminal, stdout, asked, questions } = createBench({ answer });
    expect(await runSms({ words: ["held"] }, context, terminal)).toBe(1);
    expect(stdout()).toMatch(/43 +lead\.sms +lead-3 +5 min +More SMS than message_settings allows/);
    expect(await runSms({ words: ["release"] }, context, terminal)).toBe(0);
    expect(await runSms({ words: ["drop", "43"], yes: true }, context, terminal)).toBe(0);
    expect(questions).toEqual(["Let the held SMS go?"]);
    expect(stdout()).toContain("✓ Let go: 7\n✓ Cancelled: 1\n");
    expect(asked.slice(1)).toEqual([
      { action: "sms", mode: "release", id: null, cancel: false },
      { action: "sms", mode: "release", id: 43, cancel: true },
    ]);
    const unwilling = createBench({ answer, says: false });
    expect(await runSms({ words: ["release"] }, unwilling.context, unwilling.terminal)).toBe(0);
    expect([unwilling.asked, unwilling.stdout()]).toEqual([[], "Nothing was done.\n"]);
  });

  it("retries and cancels as messages, and sends once more only what was looked for in vain", async () => {
    const { context, terminal, stdout, asked, questions } = createBench({ answer });
    expect(await runSms({ words: ["retry", "41"] }, context, terminal)).toBe(0);
    expect(await runSms({ words: ["cancel", "41", "42"] }, context, terminal)).toBe(0);
    expect(await runSms({ words: ["again", "41", "42"] }, context, terminal)).toBe(1);
    expect(questions).toEqual([
      "Never send 2 SMS?",
      "Send 2 SMS that may have been sent before? Each costs once more.",
    ]);
    expect(asked.map(({ action }) => action)).toEqual(["requeue", "cancel", "sms"]);
    expect(stdout()).toContain("✓ 42 is sent once more.\n");
  });

  it("tells what a text costs before it is sent, an emoji whole", async () => {
    const { context, terminal, stdout } = createBench({ answer });
    const text = `${"ж".repeat(66)}🙂${"ж".repeat(66)}`;
    expect(await runSms({ words: ["preview", text] }, context, terminal)).toBe(0);
    expect(await runSms({ words: ["preview", "x".repeat(460)] }, context, terminal)).toBe(1);
    expect(stdout()).toBe(
      "✓ 3 parts, 134 units in UCS-2\n" +
        "✗ 4 parts, allowed are 3: it would not be sent. Shorten it, or raise message_settings.sms_max_parts\n",
    );
  });

  it("fills a template's texts as the drain does, with a name and links of their real length", async () => {
    const { context, terminal, stdout } = createBench({ answer });
    expect(await runSms({ words: ["preview"], template: "reminder" }, context, terminal)).toBe(1);
    expect(stdout()).toContain(
      "✓ en: 1 part, 47 units in GSM-7\n    Hello, Catherine! https://go.example/abcdefghjk\n",
    );
    expect(stdout()).toMatch(/✗ ru: 4 parts, allowed are 3/);
    const json = createBench({ answer, isJson: true });
    await runSms({ words: ["preview"], template: "reminder" }, json.context, json.terminal);
    expect(JSON.parse(json.stdout())).toMatchObject({
      max_parts: 3,
      texts: [{ language: "en", part_count: 1 }, {}],
    });
    await expect(runSms({ words: ["preview"], template: "other" }, context, terminal)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("pauses the SMS alone, and resumes", async () => {
    const { context, terminal, asked } = createBench({ answer });
    expect(await runSms({ words: ["pause", "a", "mistake"] }, context, terminal)).toBe(0);
    expect(await runSms({ words: ["resume"] }, context, terminal)).toBe(0);
    expect(asked).toEqual([
      { action: "sms", mode: "pause", reason: "a mistake" },
      { action: "sms", mode: "resume" },
    ]);
  });

  it.each([
    [{ words: ["sell"] }],
    [{ words: ["pause"] }],
    [{ words: ["status", "now"] }],
    [{ words: ["release", "1", "2"] }],
    [{ words: ["retry"] }],
    [{ words: ["again", "x"] }],
    [{ words: ["preview"] }],
    [{ words: ["preview", "text"], template: "reminder" }],
  ])("asks nothing that cannot be: %j", async (flags) => {
    const { context, terminal, asked } = createBench({ answer });
    await expect(runSms(flags, context, terminal)).rejects.toMatchObject({ code: "usage" });
    expect(asked).toEqual([]);
  });
});
