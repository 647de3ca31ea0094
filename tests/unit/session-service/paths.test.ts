import { describe, expect, it } from "vitest";
import { judgePath } from "#session-service/http/paths.ts";

describe("a path", () => {
  it.each([
    ["/api/v4/account", "/api/v4/account", ""],
    ["/api/v4/leads/complex", "/api/v4/leads/complex", ""],
    ["/api/v4/leads/custom_fields/groups/leads_17", "/api/v4/leads/custom_fields/groups/leads_17", ""],
    ["/api/v4/contacts?query=a%40b.kz&with=leads", "/api/v4/contacts", "query=a%40b.kz&with=leads"],
    ["/api/v4/leads?filter[id][]=1&filter[id][]=2", "/api/v4/leads", "filter[id][]=1&filter[id][]=2"],
  ])("of the API goes as it came: %s", (target, path, query) => {
    expect(judgePath(target)).toEqual({ ok: true, path, query });
  });

  it.each([
    "/",
    "/health/",
    "/api/v4",
    "/api/v4/",
    "/api/v3/leads",
    "/api/v40/leads",
    "/ajax/v1/chats/session",
    "/private/ajax/x",
    "/oauth2/authorize",
    "/api/v4/../../ajax/x",
    "/api/v4/leads/../../../ajax",
    "/api/v4/leads/..",
    "/api/v4/./leads",
    "/api/v4/leads/%2e%2e/%2e%2e/ajax",
    "/api/v4/leads/%2E%2E",
    "/api/v4%2fleads",
    "/api/v4/leads%2F1",
    "/api/v4/%252e%252e/ajax",
    "/api/v4/leads%5c..",
    "/api/v4\\..\\ajax",
    "/api/v4/leads\\1",
    "//evil.example/api/v4/account",
    "/api/v4//evil.example",
    "///api/v4/account",
    "http://evil.example/api/v4/account",
    "https://evil.example/api/v4/account",
    "evil.example/api/v4/account",
    "/api/v4/account@evil.example",
    "/api/v4/leads;x=1",
    "/api/v4/leads#x",
    "/api/v4/leads?x=1#y",
    "/api/v4/leads?a b",
    "/api/v4/leads?a\r\nHost: evil.example",
    "/api/v4/leads\u0000",
    "/api/v4/сделки",
    `/api/v4/leads?${"x".repeat(17_000)}`,
    "",
  ])("of anything else, or not in its plain form, is refused: %s", (target) => {
    expect(judgePath(target).ok).toBe(false);
  });
});
