import { describe, expect, it } from "vitest";
import { parseServiceSettings } from "#session-service/settings.ts";

const GOOD = {
  AMOCRM_SUBDOMAIN: "company",
  AMOCRM_EMAIL: "robot@company.example",
  AMOCRM_PASSWORD: " with spaces ",
  AMOCRM_PLAYWRIGHT_SECRET: "s".repeat(40),
};

const problemsOf = (environment: NodeJS.ProcessEnv): string[] => {
  const answer = parseServiceSettings(environment);
  return answer.ok ? [] : answer.problems;
};

describe("the variables of the session service", () => {
  it("say where the account is; port, address and interval have defaults", () => {
    expect(parseServiceSettings(GOOD)).toMatchObject({
      ok: true,
      settings: {
        port: 3002,
        host: "127.0.0.1",
        origin: "https://company.amocrm.ru",
        password: " with spaces ",
        signInIntervalMs: 600_000,
        stateDir: null,
        isVisible: false,
      },
    });
  });

  it("may name the address itself, which wins", () => {
    const answer = parseServiceSettings({
      ...GOOD,
      AMOCRM_BASE_URL: "https://company.kommo.com/x",
      PORT: "0",
    });
    expect(answer).toMatchObject({ ok: true, settings: { origin: "https://company.kommo.com", port: 0 } });
  });

  it.each([
    ["http://company.amocrm.ru", false],
    ["http://10.0.0.7", false],
    ["ftp://company.amocrm.ru", false],
    ["http://127.0.0.1:4911", true],
    ["https://company.amocrm.ru", true],
  ])("let a password travel by https, or within this machine: %s", (AMOCRM_BASE_URL, isGood) => {
    expect(problemsOf({ ...GOOD, AMOCRM_BASE_URL }).length === 0).toBe(isGood);
  });

  it.each(["AMOCRM_SUBDOMAIN", "AMOCRM_EMAIL", "AMOCRM_PASSWORD", "AMOCRM_PLAYWRIGHT_SECRET"])(
    "are named where they are missing or empty: %s",
    (name) => {
      expect(problemsOf({ ...GOOD, [name]: undefined })).toEqual([`${name} is not set`]);
      expect(problemsOf({ ...GOOD, [name]: " " })).toEqual([`${name} is not set`]);
    },
  );

  it("are named without their values where they are malformed", () => {
    const problems = problemsOf({ ...GOOD, PORT: "70000", AMOCRM_SIGN_IN_INTERVAL_SECONDS: "soon-4711" });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain("4711");
  });
});
