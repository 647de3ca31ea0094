import { describe, expect, it } from "vitest";
import { runDuplicates } from "#cli/commands/duplicates.ts";
import { runForget } from "#cli/commands/forget.ts";
import { runMails } from "#cli/commands/mails.ts";
import { runQuarantine } from "#cli/commands/quarantine.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { type BenchOptions, createBench, NOW_MS } from "./support/command.ts";

const AT = new Date(NOW_MS - 3_600_000).toISOString();
const STUDENT = "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77";
const GROUP = {
  reason: "flood",
  source: null,
  email_domain: "junk.example",
  lead_count: 41,
  network_count: 40,
  first_at: AT,
  last_at: AT,
};
const PAIR = { id: 12, type: "contact", kept_id: 1, other_id: 2, reason: "same phone", found_at: AT };
const MAIL = {
  id: 7,
  kind: "student.welcome",
  state: "dead",
  subject_table: "tripwire_users",
  subject_id: STUDENT,
  attempt_count: 1,
  next_attempt_at: null,
  last_error_code: "bounced",
  last_error_message: null,
  created_at: AT,
};

function quarantine(mode: string): unknown {
  switch (mode) {
    case "list":
      return { mode, lead_count: 41, groups: [GROUP] };
    case "delivered":
      return {
        mode,
        leads: [{ id: STUDENT, created_at: AT, source: null, amocrm_contact_id: 5, amocrm_deal_id: 6 }],
      };
    default:
      return { mode, lead_count: 2 };
  }
}

function answer(request: AdminRequestInput): unknown {
  switch (request.action) {
    case "quarantine":
      return quarantine(request.mode);
    case "duplicates":
      return request.mode === "list"
        ? { mode: "list", duplicates: [PAIR] }
        : { mode: "resolve", ok: request.id === 12, outcome: request.id === 12 ? "done" : "no pair" };
    case "forget":
      return {
        leads: 2,
        students: 1,
        messages_cancelled: 3,
        messages_cleared: 2,
        maybe_in_amocrm: true,
        clean_in_amocrm: { contact_ids: [5], deal_ids: [6, 7] },
      };
    case "mails":
      if (request.mode === "list")
        return { mode: "list", mails: [MAIL, { ...MAIL, id: 8, state: "pending" }] };
      if (request.mode === "resend") return { mode: "resend", ok: true, id: 9, reason: null };
      return request.mode === "allow" ? { mode: "allow", was_suppressed: true } : { mode: request.mode };
    case "requeue":
    case "cancel":
      return { ok: true, messages: request.ids.map((id) => ({ id, outcome: "done", reason: null })) };
    default:
      throw new Error(`not expected: ${request.action}`);
  }
}

const bench = (options: Partial<BenchOptions> = {}) => createBench({ answer, ...options });

describe("quarantine", () => {
  it("lists what lies there with what to do, and ends with 1", async () => {
    const { context, terminal, stdout } = bench();
    expect(await runQuarantine({}, context, terminal)).toBe(1);
    expect(stdout()).toMatch(/^! 41 leads lie in quarantine\.\n.*reason +source/);
    expect(stdout()).toMatch(/flood +\(none\) +junk\.example +41 +40/);
    expect(stdout()).toContain("quarantine discard --email-domain");
  });

  it("says it in Russian, with the forms of the number", async () => {
    const { context, terminal, stdout } = bench({ language: "ru" });
    await runQuarantine({}, context, terminal);
    expect(stdout()).toMatch(/^! В карантине 41 заявка\.\n/);
    expect(stdout()).toMatch(/наплыв +\(нет\) +junk\.example/);
  });

  it("releases and discards after a question, as narrowed", async () => {
    const { context, terminal, asked, questions, stdout } = bench();
    const flags = { mode: "discard", emailDomain: "@junk.example", since: "2026-11-21", limit: "9" };
    expect(await runQuarantine(flags, context, terminal)).toBe(0);
    expect(questions).toEqual(["Delete them for good, 9 at most?"]);
    expect(asked).toEqual([
      {
        action: "quarantine",
        mode: "discard",
        reason: null,
        source: null,
        email_domain: "junk.example",
        since: "2026-11-21T00:00:00.000Z",
        limit: 9,
      },
    ]);
    expect(stdout()).toBe("✓ 2 leads were deleted.\n");
    expect(await runQuarantine({ mode: "release" }, context, terminal)).toBe(0);
    expect(stdout()).toContain("✓ 2 leads go to amoCRM, behind live ones.");
  });

  it("does nothing after a no, and asks nothing where nobody can be asked", async () => {
    const no = bench({ says: false });
    expect(await runQuarantine({ mode: "release" }, no.context, no.terminal)).toBe(0);
    expect(no.asked).toEqual([]);
    const pipe = bench({ isInteractive: false });
    await expect(runQuarantine({ mode: "release" }, pipe.context, pipe.terminal)).rejects.toThrow("Nobody");
    expect(await runQuarantine({ mode: "release", yes: true }, pipe.context, pipe.terminal)).toBe(0);
  });

  it("names the deals of a domain that had reached amoCRM", async () => {
    const { context, terminal, stdout } = bench();
    expect(await runQuarantine({ mode: "delivered", emailDomain: "junk.example" }, context, terminal)).toBe(
      0,
    );
    expect(stdout()).toMatch(/by these numbers:\n {2}6\n$/);
  });

  it.each([
    [{ mode: "empty" }, "takes list, release"],
    [{ mode: "discard" }, "must say which"],
    [{ mode: "delivered" }, "needs --email-domain"],
    [{ reason: "boredom" }, "--reason must be"],
  ])("refuses %j", async (flags, message) => {
    const { context, terminal, asked } = bench();
    await expect(runQuarantine(flags, context, terminal)).rejects.toThrow(message);
    expect(asked).toEqual([]);
  });
});

describe("duplicates", () => {
  it("lists pairs, and settles one", async () => {
    const { context, asked, stdout } = bench();
    expect(await runDuplicates({}, context)).toBe(1);
    expect(stdout()).toMatch(/^! 1 pair waits for a decision\.\n/);
    expect(await runDuplicates({ words: ["resolve", "12", "same"] }, context)).toBe(0);
    expect(asked.at(-1)).toEqual({ action: "duplicates", mode: "resolve", id: 12, resolution: "same" });
    expect(await runDuplicates({ words: ["resolve", "13", "different"] }, context)).toBe(1);
    expect(stdout()).toContain("✗ 13: no pair");
  });

  it.each([
    [["resolve"]],
    [["resolve", "x", "same"]],
    [["resolve", "12", "equal"]],
    [["merge"]],
    [["list", "12"]],
  ])("refuses %j", async (words) => {
    await expect(runDuplicates({ words }, bench().context)).rejects.toThrow("duplicates takes list");
  });
});

describe("forget", () => {
  it("asks, and tells what is left to be deleted in amoCRM", async () => {
    const { context, terminal, asked, questions, stdout } = bench();
    expect(await runForget({ email: "ada@example.com" }, context, terminal)).toBe(0);
    expect(questions).toHaveLength(1);
    expect(asked).toEqual([{ action: "forget", email: "ada@example.com", phone: null }]);
    expect(stdout()).toContain("✓ Forgotten: 2 leads, 1 student, 5 messages.");
    expect(stdout()).toMatch(/contacts 5\n {2}deals 6, 7\n! A request/);
  });

  it("refuses what names nobody, and does nothing after a no", async () => {
    const { context, terminal, asked } = bench({ says: false });
    await expect(runForget({}, context, terminal)).rejects.toThrow("needs --email");
    await expect(runForget({ email: "ada" }, context, terminal)).rejects.toThrow("no e-mail address");
    await expect(runForget({ phone: "12" }, context, terminal)).rejects.toThrow("no phone number");
    expect(await runForget({ phone: "+79161234567" }, context, terminal)).toBe(0);
    expect(asked).toEqual([]);
  });
});

describe("mails", () => {
  const run = (words: string[], options: Partial<BenchOptions> = {}) => {
    const made = bench(options);
    return { ...made, exitCode: runMails({ words }, made.context, made.terminal) };
  };

  it("lists what is dead or waits, and ends with 1 if one is dead", async () => {
    const { exitCode, stdout } = run([]);
    expect(await exitCode).toBe(1);
    expect(stdout()).toMatch(/^✗ Mails: 1 dead, 1 waiting\.\n/);
    expect(stdout()).toMatch(/7 +student\.welcome +dead .*bounced/);
  });

  it.each([
    [["retry", "7", "8"], { action: "requeue", ids: [7, 8] }, "✓ 7 tried again"],
    [["cancel", "7"], { action: "cancel", ids: [7] }, "✓ 7 cancelled"],
    [
      ["resend", STUDENT],
      { action: "mails", mode: "resend", student: STUDENT },
      "further welcome mail goes out: 9",
    ],
    [["allow", "a@b.c"], { action: "mails", mode: "allow", email: "a@b.c" }, "may go to this address again"],
    [["pause", "new", "texts"], { action: "mails", mode: "pause", reason: "new texts" }, "No mail goes out"],
    [["resume"], { action: "mails", mode: "resume" }, "Mails go out again"],
  ])("does %j", async (words, request, line) => {
    const { exitCode, asked, stdout } = run(words);
    expect([await exitCode, asked]).toEqual([0, [request]]);
    expect(stdout()).toContain(line);
  });

  it.each([
    [["send"], "mails takes list"],
    [["retry"], "needs numbers of mails"],
    [["resend"], "needs the id of one student"],
    [["allow", "a", "b"], "needs one address"],
    [["pause"], "needs a reason"],
    [["resume", "now"], "takes nothing behind it"],
  ])("refuses %j", async (words, message) => {
    await expect(run(words).exitCode).rejects.toThrow(message);
  });
});
