import { beforeEach, describe, expect, it } from "vitest";
import { runConnect } from "#cli/commands/connect.ts";
import type { Failure } from "#cli/failure.ts";
import { createOutput } from "#cli/output.ts";
import type { ConnectAnswer, ConnectionAnswer } from "#shared/admin/answer.ts";
import { sayIn } from "#shared/platform/text.ts";

const LINK: ConnectAnswer = {
  outcome: "ready",
  url: "https://p.supabase.co/functions/v1/amocrm-oauth/start?link=abc",
  link_id: 7,
  expires_at: "2031-05-05T12:30:00Z",
  redirect_uri: "https://p.supabase.co/functions/v1/amocrm-oauth/callback",
  warnings: [],
};
const ACCOUNT = {
  state: "connected",
  access: "oauth",
  host: "company.amocrm.ru",
  account_id: 5550001,
  subdomain: "company",
  access_expires_at: null,
  refresh_expires_at: null,
  connected_at: "2031-05-05T12:00:00Z",
} as const;

let answer: ConnectAnswer;
/** What the link's state is at each look; the last one stays. */
let looks: ConnectionAnswer["link"][];
let asked: object[];
let stdout: string;
let stderr: string;
let interruptAt: number;

beforeEach(() => {
  [answer, looks, asked, stdout, stderr, interruptAt] = [LINK, [], [], "", "", Number.POSITIVE_INFINITY];
});

const look = (state: "open" | "used" | "expired", lastOutcome: string | null = null) => ({
  state,
  expires_at: LINK.outcome === "ready" ? LINK.expires_at : "",
  last_outcome: lastOutcome,
});

async function run(flags: { switch?: true } = {}, isJson = false): Promise<number> {
  const controller = new AbortController();
  let waitCount = 0;
  return await runConnect(
    flags,
    {
      target: { kind: "hosted", url: "https://p.supabase.co", secretKey: "k", origin: "test" },
      environment: {},
      say: sayIn("en"),
      nowMs: Date.parse("2031-05-05T12:00:00Z"),
      clock: Date.now,
      output: createOutput(isJson, {
        stdout: (text) => {
          stdout += text;
        },
        stderr: (text) => {
          stderr += text;
        },
      }),
      async askAdmin(request, schema) {
        asked.push(request);
        if (request.action === "connect") return schema.parse(answer);
        const link = looks.length > 1 ? looks.shift() : looks[0];
        return schema.parse({ account: link?.state === "open" ? null : ACCOUNT, link });
      },
    },
    {
      isInteractive: false,
      confirm: async () => false,
      showProgress: () => {},
      interruption: () => controller.signal,
      async wait() {
        waitCount += 1;
        if (waitCount >= interruptAt) controller.abort();
      },
    },
  );
}
const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: Failure) => error,
  );

describe("connect", () => {
  it("prints the link, waits until it was used, and says who is connected", async () => {
    looks = [look("open"), look("open"), look("used", "connected")];
    expect(await run()).toBe(0);
    expect(stdout).toContain(`\n  ${LINK.outcome === "ready" ? LINK.url : ""}\n`);
    expect(stdout).toContain("✓ Connected: company.amocrm.ru, account 5550001");
    expect(asked).toEqual([
      { action: "connect", switch: false },
      ...Array(3).fill({ action: "connection", link_id: 7 }),
    ]);
  });

  it("says once what went wrong on the way, and waits on", async () => {
    looks = [look("open", "other_account"), look("open", "other_account"), look("used", "connected")];
    expect(await run({ switch: true })).toBe(0);
    expect(stdout.match(/ended with other_account/g)).toHaveLength(1);
    expect(asked[0]).toEqual({ action: "connect", switch: true });
  });

  it("with --json prints one object with url and ends at once", async () => {
    expect(await run({}, true)).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ url: expect.stringContaining("?link="), link_id: 7 });
    expect(asked).toHaveLength(1);
  });

  it("fails when the link has expired, or is long gone", async () => {
    looks = [look("open"), look("expired")];
    expect(await failureOf(run())).toMatchObject({ code: "link_expired", exitCode: 1 });
    looks = [null];
    expect(await failureOf(run())).toMatchObject({ code: "link_expired" });
  });

  it("fails when the waiting is interrupted: nobody is connected yet", async () => {
    looks = [look("open")];
    interruptAt = 2;
    expect(await failureOf(run())).toMatchObject({ code: "interrupted", exitCode: 1 });
  });

  it("names what is missing, and warns of a redirect URI that leads elsewhere", async () => {
    answer = {
      outcome: "refused",
      code: "unconfigured",
      message: "AMOCRM_CLIENT_ID is not set",
      remedy: "set it",
    };
    expect(await failureOf(run())).toMatchObject({
      code: "unconfigured",
      message: "AMOCRM_CLIENT_ID is not set",
      remedy: "set it",
    });
    answer = {
      ...(LINK as Extract<ConnectAnswer, { outcome: "ready" }>),
      warnings: ["AMOCRM_REDIRECT_URI is …"],
    };
    await run({}, true);
    expect(stderr).toContain("! AMOCRM_REDIRECT_URI is …");
  });
});
