import { describe, expect, it } from "vitest";
import { runSequences } from "#cli/commands/sequences.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { createBench } from "./support/command.ts";

const LEAD = "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77";
const SEQUENCE = {
  ...{ sequence: "welcome", version: 2, events: ["lead.created"], step_count: 2, is_on: true },
  ...{ switched_on_at: "2026-05-01T00:00:00Z", paused_at: null, people_inside: 12, people_in_older: 3 },
  ...{ waiting_count: 14, held_count: 0, next_at: "2026-11-21T12:30:00Z" },
};
const STEP = {
  ...{ step: "reminder", version: 2, event: "deal.stage_changed", filter: { status_id: 142 }, source: "*" },
  ...{
    channel: "sms",
    template_code: "reminder",
    delay_minutes: 10,
    stop_on: ["won"],
    topic: null,
    is_on: true,
  },
};
const PLANNED = {
  ...{ sequence: "welcome", version: 2, step: "reminder", channel: "sms", lead_id: LEAD, student_id: null },
  ...{ state: "waiting", reason: "quiet_hours", due_at: "2026-11-21T16:00:00Z" },
  ...{ expected_at: "2026-11-22T05:00:00Z", departed_at: null, message_id: null, time_zone: "Asia/Almaty" },
};
const RESULT = {
  ...{ day: "2026-11-20", sequence: "welcome", version: 2, step: "hello", channel: "mail", entered: 31 },
  ...{
    sent: 30,
    delivered: 29,
    waiting: 0,
    skipped: 1,
    failed: 1,
    human_clicks: 8,
    withdrew: 1,
    ended_by_goal: 2,
  },
};
const DONE = { ok: true, reason: null };

function answer(request: AdminRequestInput): unknown {
  if (request.action !== "sequences") throw new Error(`not expected: ${request.action}`);
  const { mode } = request;
  switch (request.mode) {
    case "list":
      return { mode, sequences: [SEQUENCE] };
    case "show":
      return { mode, sequence: request.sequence === "welcome" ? SEQUENCE : null, steps: [STEP] };
    case "plan":
      return { mode, ...DONE, day: request.email === null ? "2026-11-21" : null, steps: [PLANNED] };
    case "pause":
      return { mode, ...DONE, was_running: true };
    case "resume":
      return { mode, ...DONE, entry_count: 3 };
    case "enroll":
      return request.lead === LEAD
        ? { mode, ...DONE, entry_id: 9 }
        : { mode, ok: false, reason: `lead ${request.lead} is quarantined`, entry_id: null };
    case "withdraw":
      return { mode, ...DONE, consent_count: 2 };
    case "results":
      return { mode, results: [RESULT] };
    case "release":
      return { mode, step_count: 5 };
  }
}

describe("sequences", () => {
  it("lists them, and says where steps wait for a person", async () => {
    const { context, terminal, stdout } = createBench({ answer });
    expect(await runSequences({}, context, terminal)).toBe(0);
    expect(stdout()).toMatch(/welcome +2 +on +2 +lead\.created +12 +3 +14 +0 +2026-11-21 12:30/);
    const held = createBench({
      language: "ru",
      answer: () => ({
        mode: "list",
        sequences: [{ ...SEQUENCE, paused_at: "2026-11-21T00:00:00Z", held_count: 7 }],
      }),
    });
    expect(await runSequences({ words: ["list"] }, held.context, held.terminal)).toBe(1);
    expect(held.stdout()).toContain("на паузе");
    expect(held.stdout()).toContain("Шаги ждут решения из-за mails_per_hour: 7");
  });

  it("shows the steps of one, and that there is none of a name", async () => {
    const { context, terminal, stdout } = createBench({ answer });
    expect(await runSequences({ words: ["show", "welcome"] }, context, terminal)).toBe(0);
    expect(stdout()).toMatch(
      /2 +reminder +deal\.stage_changed {"status_id":142} +10 min +sms +reminder +\* +news +won +on/,
    );
    await expect(runSequences({ words: ["show", "other"] }, context, terminal)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("tells who gets what when, by the recipient's clock, with the reason in words", async () => {
    const { context, terminal, stdout, asked } = createBench({ answer, language: "ru" });
    expect(await runSequences({ words: ["plan"] }, context, terminal)).toBe(0);
    expect(stdout()).toContain("Шаги на 2026-11-21: 1");
    expect(stdout()).toMatch(/2026-11-22 10:00 +Asia\/Almaty +welcome +2 +reminder +sms/);
    expect(stdout()).toContain("ждёт конца тихих часов");
    await runSequences({ words: ["plan"], email: "asel@example.kz", limit: "1" }, context, terminal);
    expect(stdout()).toContain("достигнут --limit 1");
    expect(asked).toMatchObject([
      { mode: "plan", email: null, day: null, limit: 200 },
      { mode: "plan", email: "asel@example.kz", limit: 1 },
    ]);
    expect(stdout()).not.toContain("asel@example.kz");
  });

  it("pauses and resumes, and asks before everybody inside is taken out", async () => {
    const { context, terminal, stdout, asked, questions } = createBench({ answer });
    expect(await runSequences({ words: ["pause", "welcome"] }, context, terminal)).toBe(0);
    expect(await runSequences({ words: ["resume", "welcome"] }, context, terminal)).toBe(0);
    expect(await runSequences({ words: ["resume", "welcome", "move"] }, context, terminal)).toBe(0);
    expect(await runSequences({ words: ["resume", "welcome", "leave"] }, context, terminal)).toBe(0);
    expect(questions).toEqual([
      "Take everybody out who is inside of welcome? Their further steps are never sent.",
    ]);
    expect(asked.slice(1).map((order) => ("inside" in order ? order.inside : null))).toEqual([
      ...["finish", "move", "leave"],
    ]);
    expect(stdout()).toContain("moved to the newest version: 3\n✓ welcome goes on; taken out: 3\n");
  });

  it("lets a lead in, withdraws a person, tells results, and says in words what was refused", async () => {
    const { context, terminal, stdout } = createBench({ answer });
    expect(await runSequences({ words: ["enroll", "welcome"], lead: LEAD }, context, terminal)).toBe(0);
    expect(
      await runSequences({ words: ["withdraw"], phone: "+7 701 1234567", channel: "sms" }, context, terminal),
    ).toBe(0);
    expect(await runSequences({ words: ["results", "welcome"] }, context, terminal)).toBe(0);
    expect(await runSequences({ words: ["release"], yes: true }, context, terminal)).toBe(0);
    expect(stdout()).toContain(
      "✓ The lead entered welcome.\n✓ Nothing more is sent; consents that changed: 2\n",
    );
    expect(stdout()).toMatch(/2026-11-20 +welcome +2 +hello +mail +31 +30 +29 +8 +0 +1 +1 +1 +2/);
    expect(stdout()).toContain("✓ Let go: 5\n");
    const other = LEAD.replace("7f", "8f");
    const refused = runSequences({ words: ["enroll", "welcome"], lead: other }, context, terminal);
    await expect(refused).rejects.toMatchObject({
      code: "refused",
      says: { ru: `заявка ${other} в карантине` },
    });
  });

  it.each([
    [{ words: ["sell"] }],
    [{ words: ["show"] }],
    [{ words: ["show", "a b"] }],
    [{ words: ["list", "welcome"] }],
    [{ words: ["plan"], day: "5 May" }],
    [{ words: ["plan"], limit: "0" }],
    [{ words: ["resume", "welcome", "stay"] }],
    [{ words: ["enroll", "welcome"] }],
    [{ words: ["enroll", ""], lead: LEAD }],
    [{ words: ["withdraw"] }],
    [{ words: ["withdraw"], email: "a@b.kz", channel: "fax" }],
  ])("asks nothing that cannot be: %j", async (flags) => {
    const { context, terminal, asked } = createBench({ answer });
    await expect(runSequences(flags, context, terminal)).rejects.toMatchObject({ code: "usage" });
    expect(asked).toEqual([]);
  });
});
