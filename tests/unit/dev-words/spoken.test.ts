import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Outcome, report } from "#dev/demo/report.ts";
import { type BannerFacts, bannerOf } from "#dev/stack/command/banner.ts";
import { LANGUAGES, sayIn } from "#shared/platform/text.ts";
import { englishIn } from "../words/english.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** What a person reads who runs a command: its sentences stand in tables of both languages. */
const SPEAKING = ["cli", "dev/demo", "dev/main.ts", "dev/pages/main.ts", "dev/stack/command", "installer"];
/** The tables, and SQL and comments that are written into files of the project, which are English. */
const SILENT = /(^|\/)words(-\w+)?(\/|\.ts$)|removal-sql|config-text|plan-migrations/;
/** For a stack trace; whoever interrupts a question gets no sentence of it. */
const NEVER_SHOWN = ["Interrupted at a question: nothing was done"];

/** String literals of a source, without comments. */
function literals(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/ .*$/gm, "");
  return [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map(([, plain, template]) =>
    (plain ?? template ?? "").replace(/\$\{[^}]*\}/g, "x_1"),
  );
}

const files = SPEAKING.flatMap((place) =>
  fs.statSync(path.join(ROOT, place)).isFile()
    ? [place]
    : fs
        .readdirSync(path.join(ROOT, place), { recursive: true, encoding: "utf8" })
        .map((name) => path.join(place, name)),
).filter((file) => file.endsWith(".ts") && !SILENT.test(file));

it("commands say no sentence that stands outside of the tables of both languages", () => {
  expect(files.length).toBeGreaterThan(80);
  const found = files.flatMap((file) =>
    literals(fs.readFileSync(path.join(ROOT, file), "utf8"))
      .filter((text) => !/^\s*(select|update|insert|delete)\b/.test(text) && !NEVER_SHOWN.includes(text))
      .flatMap(englishIn)
      .map((sentence) => `${file}: ${sentence}`),
  );
  expect(found).toEqual([]);
});

const FACTS: BannerFacts = {
  stack: {
    url: "http://127.0.0.1:1",
    functionsUrl: "http://127.0.0.1:1/functions/v1",
    publishableKey: "sb_publishable_x",
    dbUrl: () => "postgres://x",
  },
  amocrmUrl: "https://company.amocrm.ru",
  isSimulator: true,
  mailUrl: "http://127.0.0.1:2",
  managersUrl: "http://127.0.0.1:3/managers.html",
  dashboardUrl: "http://127.0.0.1:3/dashboard.html",
  cardUrl: "http://127.0.0.1:3/card.html",
  accounts: [
    { role: "admin", email: "admin@example.com", password: "p" },
    { role: "viewer", email: "viewer@example.com", password: "p" },
    { role: "sales_manager", email: "manager@example.com", password: "p" },
  ],
  stackFile: "/tmp/stack.json",
  secretsFile: "/tmp/stack.json.env",
  isOauth: true,
  dataDir: undefined,
  isOutsideDatabase: false,
};

describe("the banner of npm run dev", () => {
  it.each([
    FACTS,
    { ...FACTS, isSimulator: false, mailUrl: undefined, dataDir: "/tmp/data" },
    { ...FACTS, isOutsideDatabase: true },
  ])("has no English sentence in Russian, and the same facts in both languages", (facts) => {
    expect(englishIn(bannerOf(facts, "ru"))).toEqual([]);
    for (const language of LANGUAGES) {
      const banner = bannerOf(facts, language);
      for (const { email } of facts.accounts) expect(banner).toContain(email);
      for (const fact of [
        facts.managersUrl,
        facts.dashboardUrl,
        facts.cardUrl,
        facts.stack.url,
        facts.amocrmUrl,
      ])
        expect(banner).toContain(fact);
      expect(banner.includes("!!  ")).toBe(!facts.isSimulator);
    }
  });
});

describe("the report of the demo", () => {
  const printed: string[] = [];
  afterEach(() => {
    vi.restoreAllMocks();
    printed.length = 0;
  });
  const outcome: Outcome = {
    acceptedCount: 57,
    refusals: ["full_name is longer than 500 characters", "email is not an e-mail address"],
    personCount: 44,
    deliveredCount: 57,
    contactCount: 44,
    dealCount: 44,
    noteCount: 13,
    requestCount: 101,
    rateLimitedCount: 0,
    lostCount: 2,
    slowestSeconds: 20.12,
    largestCpuMs: 60,
    signInCount: null,
    unsolved: [],
  };
  const print = (facts: Outcome, language: "en" | "ru"): boolean => {
    vi.spyOn(console, "log").mockImplementation((line) => void printed.push(String(line)));
    return report(facts, sayIn(language));
  };

  it("ends with one sentence if all is there", () => {
    expect(print(outcome, "en")).toBe(true);
    expect(printed.at(-1)).toContain("Every accepted lead is in the CRM, none is doubled.");
  });

  it("counts the sign-ins where there is no token: two, since the session ends once", () => {
    expect(print({ ...outcome, signInCount: 2 }, "en")).toBe(true);
    expect(printed.join("\n")).toContain("sign-ins of the browser");
    expect(print({ ...outcome, signInCount: 3 }, "ru")).toBe(false);
    expect(printed.join("\n")).toContain("Входов 3 вместо 2");
  });

  it("says in Russian what is missing, and why", () => {
    const unsolved = [
      {
        id: "7",
        state: "dead",
        code: "validation_failed",
        reason: "amoCRM failed to handle the request (503)",
      },
    ];
    const isRight = print(
      {
        ...outcome,
        deliveredCount: 55,
        contactCount: 45,
        dealCount: 1,
        noteCount: 58,
        unsolved,
      },
      "ru",
    );
    expect(isRight).toBe(false);
    const output = printed.join("\n");
    expect(englishIn(output)).toEqual([]);
    expect(output).toContain("Не дошли 2 заявки");
    expect(output).toContain("amoCRM не смогла обработать запрос (503)");
  });
});
