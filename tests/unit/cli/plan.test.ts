import { describe, expect, it } from "vitest";
import { runPlan } from "#cli/commands/plan.ts";
import { type BenchOptions, createBench } from "./support/command.ts";

const LEAD = "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77";
const reason = (code: string, id: number | null, rest = {}) => ({
  code,
  id,
  source: null,
  pipeline_id: null,
  status_id: null,
  ...rest,
});
const PLANNED = {
  requests: [
    { method: "GET", path: "/api/v4/leads", query: "", entity_ids: [800001], message_ids: [], body: null },
    {
      method: "POST",
      path: "/api/v4/leads/notes",
      query: "",
      entity_ids: [800001, 9_000_000_000_000],
      message_ids: [41, 42],
      body: [],
    },
  ],
  messages: [
    {
      id: 41,
      kind: "lead.created",
      subject_table: "unified_lead_tracking",
      subject_id: LEAD,
      reasons: [
        reason("route", null, { source: "*", pipeline_id: 4400, status_id: null }),
        reason("contact_by_email", 900001),
        reason("deal_open", 800001),
      ],
      verdict: "delivered",
      code: null,
      message: null,
    },
    {
      id: 42,
      kind: "deal.note",
      subject_table: "amocrm_tells",
      subject_id: LEAD,
      reasons: [reason("contact_unknown", null)],
      verdict: "retry",
      code: "no_deal",
      message: "The person has no deal yet, and telling makes none",
    },
  ],
  waiting_count: 3,
};
const bench = (options: Partial<BenchOptions> = {}) => createBench({ answer: () => PLANNED, ...options });

describe("plan", () => {
  it("shows each request with its entities and messages, and why", async () => {
    const { context, asked, stdout } = bench();
    expect(await runPlan({}, context)).toBe(0);
    expect(asked).toEqual([{ action: "plan", lead: null, limit: 50 }]);
    expect(stdout().split("\n")).toEqual(
      expect.arrayContaining([
        "2 requests would be made:",
        "  GET /api/v4/leads  800001",
        "  POST /api/v4/leads/notes  800001, new  for #41, #42",
        "    route *: pipeline 4400, stage —",
        "    contact 900001, by e-mail in our copy",
        "    deal 800001, the person's freshest open one in the pipeline",
        "    ends as no_deal: The person has no deal yet, and telling makes none",
        "3 more messages wait behind these.",
      ]),
    );
  });

  it("speaks Russian, also of what the functions say", async () => {
    const { context, stdout } = bench({ language: "ru" });
    await runPlan({ lead: LEAD, limit: "5" }, context);
    expect(stdout()).toContain("Ушло бы 2 запроса:");
    expect(stdout()).toContain("итог no_deal: У человека ещё нет сделки");
  });

  it("gives the whole document as JSON, and says when nothing waits", async () => {
    const json = bench({ isJson: true });
    await runPlan({ pending: true }, json.context);
    expect(JSON.parse(json.stdout())).toEqual(PLANNED);
    const empty = bench({ answer: () => ({ requests: [], messages: [], waiting_count: 0 }) });
    expect(await runPlan({}, empty.context)).toBe(0);
    expect(empty.stdout()).toContain("Nothing waits");
  });

  it("takes one lead or all, not both, and a number", async () => {
    await expect(runPlan({ pending: true, lead: LEAD }, bench().context)).rejects.toMatchObject({
      exitCode: 2,
    });
    await expect(runPlan({ limit: "many" }, bench().context)).rejects.toMatchObject({ exitCode: 2 });
  });
});
