import { describe, expect, it } from "vitest";
import { runStatus } from "#cli/commands/status.ts";
import { frameOf } from "#cli/status/frame.ts";
import type { StatusAnswer } from "#shared/admin/answer.ts";
import { sayIn } from "#shared/platform/text.ts";
import { HEALTHY, MAIL_HEALTHY, QUIET_STATUS } from "../admin/support/fake-store.ts";
import { createBench, NOW_MS } from "./support/command.ts";

const LOUD: StatusAnswer = {
  ...QUIET_STATUS,
  health: {
    ...HEALTHY,
    notice: "Nobody is told when the functions are down.",
    last_lead_at: "2026-11-21T11:57:00Z",
    backlog_done_at: "2026-11-21T12:05:00Z",
    token_uptime: 0.9999,
  },
  open_alerts: [
    {
      code: "breaker_open",
      severity: "critical",
      detail: "Sending has stopped (unpaid)",
      remedy: "Mend the cause, then: select amocrm_resume()",
      first_seen_at: "2026-11-21T09:00:00Z",
      over_since: null,
    },
    {
      code: "pull_failing",
      severity: "warning",
      detail: "The last 3 pulls of deals failed",
      remedy: null,
      first_seen_at: "2026-11-21T11:50:00Z",
      over_since: null,
    },
  ],
  quarantine: {
    lead_count: 12,
    oldest_at: "2026-11-19T11:00:00Z",
    remedy: "select amocrm_release_quarantine()",
  },
  mail: {
    ...MAIL_HEALTHY,
    verdict: "blocked",
    problem: "Resend answered 401",
    remedy: "Mend the cause, then: select message_resume()",
    waiting_count: 4,
    dead_count: 1,
  },
};

const BESIDE = [
  "✗ Alert breaker_open, critical, for 3 h: Sending has stopped (unpaid)",
  "  Remedy   Mend the cause, then: select amocrm_resume()",
  "! Alert pull_failing, warning, for 10 min: The last 3 pulls of deals failed",
  "  Remedy   docs/operate/runbook.md, pull_failing",
  "! Quarantine: 12 leads without a message, the oldest for 2 days",
  "  Remedy   select amocrm_release_quarantine()",
  "✗ Mail blocked: Resend answered 401; waiting 4, dead 1",
  "  Remedy   Mend the cause, then: select message_resume()",
];

const SCREEN = { isInteractive: false, draw: () => {}, close: () => {} };

async function statusOf(status: StatusAnswer, isJson = false) {
  const bench = createBench({ answer: () => status, isJson });
  const exitCode = await runStatus({}, bench.context, bench.terminal, SCREEN);
  return { exitCode, stdout: bench.stdout(), lines: bench.stdout().split("\n") };
}

describe("status", () => {
  it("says nothing beside the verdict where nothing is to be said", async () => {
    const { exitCode, lines } = await statusOf(QUIET_STATUS);
    expect(exitCode).toBe(0);
    expect(lines.slice(0, 3)).toEqual(["✓ ok", "", "Waiting 0, uncertain 0, dead 0, duplicates 0"]);
    expect(lines.join("\n")).not.toMatch(/Alert|Quarantine|Mail|Notice/);
  });

  it("shows an incident whose cause is gone as over, without a remedy, and when it will be closed", async () => {
    const [alert] = LOUD.open_alerts;
    if (alert === undefined) throw new Error("LOUD has no alert");
    const over = { ...alert, over_since: "2026-11-21T11:58:00Z" };
    const { lines } = await statusOf({ ...QUIET_STATUS, open_alerts: [over] });
    expect(lines).toContain(
      "· Alert breaker_open, over for 2 min, closes in 13 min: Sending has stopped (unpaid)",
    );
    expect(lines.join("\n")).not.toContain("Remedy");
  });

  it("calls a token that amoCRM refuses refused, whatever it tells of its own end", async () => {
    const health = {
      ...HEALTHY,
      token_state: "connected",
      token_uptime: 1,
      breaker_code: "unauthorized",
      breaker_opened_at: "2026-11-21T11:00:00Z",
    };
    const { lines } = await statusOf({ ...QUIET_STATUS, health });
    expect(lines).toContain("Connection: refused by amoCRM for 60 min (unauthorized)");
    expect(lines.join("\n")).not.toContain("connected");
  });

  it("tells open alerts with severity, age and remedy, the quarantine and the mails, and the verdict alone decides the exit code", async () => {
    const { exitCode, lines } = await statusOf(LOUD);
    expect(exitCode).toBe(0);
    expect(lines.slice(0, BESIDE.length + 4)).toEqual([
      "✓ ok",
      "  Notice   Nobody is told when the functions are down.",
      "",
      ...BESIDE,
      "",
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        "Last lead 3 min ago",
        "The backlog is through in 5 min",
        "Connection: connected, usable for 99.9 % of the last 30 days",
      ]),
    );
    expect((await statusOf({ ...LOUD, verdict: "blocked" })).exitCode).toBe(1);
  });

  it("tells one lead and a mere remark on mails in their own words", async () => {
    const { lines } = await statusOf({
      ...QUIET_STATUS,
      quarantine: { lead_count: 1, oldest_at: null, remedy: "look" },
      mail: { ...MAIL_HEALTHY, notice: "ADMIN_EMAIL is not set" },
    });
    expect(lines).toEqual(
      expect.arrayContaining(["! Quarantine: 1 lead without a message", "! Mail: ADMIN_EMAIL is not set"]),
    );
  });

  it("prints remedies that work as they are pasted, for the project that was asked", async () => {
    const remedy = "npx supabase secrets set --remote=<ref> AMOCRM_ENABLED=true";
    const [alert] = LOUD.open_alerts;
    const { stdout } = await statusOf({
      ...LOUD,
      verdict: "disabled",
      remedy,
      open_alerts: alert === undefined ? [] : [{ ...alert, remedy }],
      mail: { ...LOUD.mail, remedy },
    });
    expect(stdout).not.toContain("<ref>");
    expect(stdout.match(/AMOCRM_ENABLED=true/g)).toHaveLength(3);
  });

  it("has all of it in the JSON document", async () => {
    const { stdout } = await statusOf(LOUD, true);
    expect(JSON.parse(stdout)).toEqual(LOUD);
  });

  it("has all of it in each frame of --watch, above the bars", () => {
    const frame = frameOf(LOUD, "head", NOW_MS, sayIn("en"));
    expect(frame).toEqual(expect.arrayContaining(BESIDE));
    expect(frame.indexOf(BESIDE[0] ?? "")).toBeLessThan(frame.indexOf("No messages in the last hour."));
  });
});
