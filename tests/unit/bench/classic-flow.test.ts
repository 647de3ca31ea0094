import { describe, expect, it } from "vitest";
import { type BenchLead, benchLeads } from "#bench/bench-leads.ts";
import { openClassicAccount } from "#bench/classic-account.ts";
import { asMarkdown, asText } from "#bench/format.ts";
import { median, percentile } from "#bench/percentile.ts";

async function deliver(leads: readonly BenchLead[], contactCount = 100) {
  const account = openClassicAccount(contactCount, 150);
  const before = account.simulator.state.counts();
  for (const lead of leads) await account.flow.deliver(lead);
  const after = account.simulator.state.counts();
  const grown = (kind: "contacts" | "deals" | "notes"): number => (after[kind] ?? 0) - (before[kind] ?? 0);
  const requests = account.simulator.log.entries().map(({ method, path }) => `${method} ${path}`);
  return { grown, requests, elapsedMs: account.elapsedMs(), log: account.simulator.log.entries() };
}

describe("the classic flow", () => {
  it("brings somebody new in with five requests, at the pace, and none is refused", async () => {
    const { grown, requests, elapsedMs, log } = await deliver(benchLeads(1, 0));
    expect(requests).toEqual([
      "GET /api/v4/contacts",
      "GET /api/v4/contacts",
      "POST /api/v4/contacts",
      "POST /api/v4/leads",
      expect.stringMatching(/^POST \/api\/v4\/leads\/\d+\/notes$/),
    ]);
    expect([grown("contacts"), grown("deals"), grown("notes")]).toEqual([1, 1, 1]);
    expect(elapsedMs).toBe(750);
    expect(log.every(({ status }) => status === 200 || status === 204)).toBe(true);
  });

  it("uses the contact and the open deal of somebody who wrote before", async () => {
    const [lead] = benchLeads(1, 0);
    const { grown, requests } = await deliver([lead as BenchLead, lead as BenchLead]);
    expect(requests.slice(5)).toHaveLength(3);
    expect([grown("contacts"), grown("deals"), grown("notes")]).toEqual([1, 1, 2]);
  });

  it("finds contacts that were in the account, by e-mail or by phone alone", async () => {
    const [known] = benchLeads(1, 1);
    const lead = known as BenchLead;
    const { grown } = await deliver([lead, { ...lead, email: "other@bench.example" }]);
    expect(grown("contacts")).toBe(0);
  });
});

describe("benchLeads", () => {
  it("spreads the known ones evenly, exactly as many as asked for", () => {
    const leads = benchLeads(10, 3);
    expect(leads.filter(({ email }) => email.endsWith("population.test"))).toHaveLength(3);
    expect(new Set(leads.map(({ email }) => email)).size).toBe(10);
  });
});

describe("the report", () => {
  const report = {
    title: "T",
    head: ["", "ours", "peer"],
    rows: [["claim, ms", "1.20", "10"]],
    remarks: ["R."],
  };

  it("aligns figures to the right in a terminal", () => {
    expect(asText(report)).toBe("\nT\n             ours  peer\n  claim, ms  1.20    10\n  R.");
  });

  it("is a table in Markdown", () => {
    expect(asMarkdown(report)).toBe(
      "## T\n\n|  | ours | peer |\n| --- | ---: | ---: |\n| claim, ms | 1.20 | 10 |\n\n- R.\n",
    );
  });

  it("takes the middle and the upper values of a series", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(10);
  });
});
