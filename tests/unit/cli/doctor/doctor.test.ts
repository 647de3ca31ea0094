import { describe, expect, it } from "vitest";
import { runDoctor } from "#cli/commands/doctor.ts";
import { languageOf } from "#cli/language/choose.ts";
import { createOutput } from "#cli/output.ts";
import { finding, type KINDS } from "#shared/admin/doctor/finding.ts";

const PROJECT = { SUPABASE_URL: "https://p.supabase.co", SUPABASE_SECRET_KEY: "sb_secret_mine" };
const WELL = { findings: [finding("functions_ok", { version: "0.1.0" })], started_at_ms: 0, ended_at_ms: 0 };
const jwt = (role: string): string => `h.${Buffer.from(JSON.stringify({ role })).toString("base64url")}.s`;

interface Run {
  environment?: Record<string, string>;
  fetch?: typeof globalThis.fetch;
  json?: true;
  clockMs?: number[];
}

/** Runs the command; nothing is asked unless there is a fetch. */
async function doctor({ environment = PROJECT, fetch, json, clockMs = [0, 0] }: Run) {
  let stdout = "";
  const output = createOutput(json === true, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: () => {},
  });
  const times = [...clockMs];
  const exitCode = await runDoctor({
    local: undefined,
    environment,
    language: "en",
    output,
    fetch: fetch ?? (() => Promise.reject(new Error("asked although it cannot be"))),
    nowMs: () => times.shift() ?? 0,
  });
  return { exitCode, lines: stdout.trimEnd().split("\n"), stdout };
}

const answering =
  (status: number, body: unknown): typeof globalThis.fetch =>
  async () =>
    Response.json(body, { status });
const failing =
  (code?: string): typeof globalThis.fetch =>
  () =>
    Promise.reject(
      Object.assign(new TypeError("fetch failed"), code === undefined ? {} : { cause: { code } }),
    );
const REST = "– Functions  Everything else is unknown until the functions answer";

describe("doctor", () => {
  it("prints a line each and ends with 0 where nothing is wrong", async () => {
    const { exitCode, lines } = await doctor({ fetch: answering(200, WELL) });
    expect(lines).toEqual([
      "✓ Project    https://p.supabase.co, by SUPABASE_URL",
      "✓ Functions  amocrm-admin answers, version 0.1.0",
    ]);
    expect(exitCode).toBe(0);
  });

  it("ends with 0 for a warning, and with 1 for what is wrong", async () => {
    const saying = (code: "queue_ok" | "mirror_incomplete" | "routes_none") =>
      doctor({ fetch: answering(200, { ...WELL, findings: [finding(code)] }) });
    expect((await saying("mirror_incomplete")).exitCode).toBe(0);
    const wrong = await saying("routes_none");
    expect(wrong.lines.at(-1)).toBe(
      "✗ Routes   amocrm_routes is empty: no lead has anywhere to go → npm run amocrm -- setup",
    );
    expect(wrong.exitCode).toBe(1);
  });

  it("prints one JSON document with words, codes and facts", async () => {
    const { stdout } = await doctor({ fetch: answering(200, WELL), json: true });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      project: "https://p.supabase.co",
      findings: [
        { check: "command", outcome: "ok", code: "command_ok" },
        {
          check: "functions",
          message: "amocrm-admin answers, version 0.1.0",
          remedy: null,
          facts: { version: "0.1.0" },
        },
      ],
    });
  });

  it.each<[string, Record<string, string>, (keyof typeof KINDS)[]]>([
    ["the address is missing", { SUPABASE_SECRET_KEY: "sb_secret_a" }, ["url_missing"]],
    ["the key is missing", { SUPABASE_URL: PROJECT.SUPABASE_URL }, ["key_missing"]],
    ["the address is none", { ...PROJECT, SUPABASE_URL: "p.supabase.co" }, ["url_malformed"]],
    [
      "the address is the dashboard's",
      { ...PROJECT, SUPABASE_URL: "https://supabase.com/dashboard/project/abcdef/settings" },
      ["url_of_dashboard"],
    ],
    [
      "the key is the publishable one",
      { ...PROJECT, SUPABASE_SECRET_KEY: "sb_publishable_a" },
      ["key_publishable"],
    ],
    ["the key is the old anon one", { ...PROJECT, SUPABASE_SECRET_KEY: jwt("anon") }, ["key_anon"]],
    [
      "the key is the old service_role one",
      { ...PROJECT, SUPABASE_SECRET_KEY: jwt("service_role") },
      ["key_service_role"],
    ],
    [
      "both are wrong",
      { SUPABASE_URL: "x", SUPABASE_SECRET_KEY: "sb_publishable_a" },
      ["url_malformed", "key_publishable"],
    ],
  ])("asks nothing and says so when %s", async (_, environment, codes) => {
    const { exitCode, stdout } = await doctor({ environment, json: true });
    const found = (JSON.parse(stdout) as { findings: { code: string }[] }).findings.map(({ code }) => code);
    expect(found).toEqual([...codes, "rest_unasked"]);
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain(environment["SUPABASE_SECRET_KEY"] ?? "no key");
  });

  it("suggests the address of the project whose dashboard was given", async () => {
    const environment = {
      ...PROJECT,
      SUPABASE_URL: "https://supabase.com/dashboard/project/abcdef/settings",
    };
    expect((await doctor({ environment })).lines[0]).toBe(
      "✗ Project    SUPABASE_URL is an address of the dashboard → SUPABASE_URL=https://abcdef.supabase.co",
    );
  });

  it("doubts a key of an unknown form and asks all the same", async () => {
    const environment = { ...PROJECT, SUPABASE_SECRET_KEY: "opaque" };
    const { exitCode, lines } = await doctor({ environment, fetch: answering(200, WELL) });
    expect(lines[0]).toMatch(/^! Project +SUPABASE_SECRET_KEY does not begin with sb_secret_/);
    expect(exitCode).toBe(0);
  });

  it.each<[string, typeof globalThis.fetch, keyof typeof KINDS]>([
    ["there is no such host", failing("ENOTFOUND"), "host_unknown"],
    ["nothing listens there", failing("ECONNREFUSED"), "host_refuses"],
    ["the certificate is not trusted", failing("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "host_tls"],
    ["the certificate is over", failing("CERT_HAS_EXPIRED"), "host_tls"],
    ["the network fails otherwise", failing("ECONNRESET"), "host_unreachable"],
    ["the network fails for no known reason", failing(), "host_unreachable"],
    [
      "it does not answer",
      () => Promise.reject(new DOMException("late", "TimeoutError")),
      "functions_timeout",
    ],
    ["the key is refused", answering(401, { code: "x", message: "x" }), "functions_key_refused"],
    ["the caller is no admin", answering(403, { code: "not_admin", message: "x" }), "functions_forbidden"],
    [
      "the function is not deployed",
      answering(404, { code: "NOT_FOUND", message: "x" }),
      "functions_missing",
    ],
    [
      "the function does not start",
      answering(503, { code: "BOOT_ERROR", message: "x" }),
      "functions_do_not_start",
    ],
    [
      "the function does not know doctor",
      answering(400, { code: "invalid_request", message: "x" }),
      "functions_old",
    ],
    ["the function answers in other words", answering(200, { ok: true }), "functions_old"],
    ["the function fails", answering(500, { code: "action_failed", message: "x" }), "functions_failed"],
    [
      "migrations are missing",
      answering(500, { code: "action_failed", message: "PGRST202" }),
      "migrations_missing",
    ],
    ["a proxy answers", answering(502, "<html>"), "functions_failed"],
  ])("says what is in the way once, and that the rest is unknown, when %s", async (_, fetch, code) => {
    const { exitCode, lines, stdout } = await doctor({ fetch });
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(3);
    expect(lines[2]?.replace(/ +/g, " ")).toBe(REST.replace(/ +/g, " "));
    const json = JSON.parse((await doctor({ fetch, json: true })).stdout) as { findings: { code: string }[] };
    expect(json.findings[1]?.code).toBe(code);
    expect(stdout).not.toContain("sb_secret_mine");
  });

  it("compares its own clock with the functions', whatever the way there takes", async () => {
    const at = (startedAtMs: number, endedAtMs: number) =>
      answering(200, { ...WELL, started_at_ms: startedAtMs, ended_at_ms: endedAtMs });
    const slow = await doctor({ fetch: at(1_045_000, 1_055_000), clockMs: [1_000_000, 1_100_000] });
    expect(slow.lines).toHaveLength(2);
    const ahead = await doctor({ fetch: at(940_000, 950_000), clockMs: [1_000_000, 1_010_000] });
    expect(ahead.lines[1]).toMatch(/^! Project +This machine's clock is 60 s ahead/);
  });
});

describe("languageOf", () => {
  it.each<[string | undefined, Record<string, string>, string]>([
    ["ru", { LANG: "en_US.UTF-8" }, "ru"],
    ["en", { LC_ALL: "ru_RU.UTF-8" }, "en"],
    [undefined, { LANG: "ru_RU.UTF-8" }, "ru"],
    [undefined, { LC_ALL: "C", LANG: "ru_RU.UTF-8" }, "en"],
    [undefined, { LC_ALL: "", LC_MESSAGES: "ru_RU", LANG: "C" }, "ru"],
    [undefined, { LANG: "rundi" }, "en"],
    [undefined, {}, "en"],
  ])("takes the flag %s in the shell %j for %s", (flag, environment, language) => {
    expect(languageOf(flag, environment)).toBe(language);
  });

  it("refuses another language", () => {
    expect(() => languageOf("de", {})).toThrow("--lang must be en or ru");
  });
});
