import { describe, expect, it } from "vitest";
import { runLinks } from "#cli/commands/links.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { linkAddress } from "#shared/links/address.ts";
import { createBench } from "./support/command.ts";

const ROW = {
  ...{ day: "2031-05-05", target: "course", channel: "mail", links: 20, links_opened: 7 },
  ...{ human_clicks: 8, previews: 1, scanners: 30, prefetches: 2, unknown_clicks: 3 },
};
const LEAD = "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77";

function answer(request: AdminRequestInput): unknown {
  if (request.action !== "links") throw new Error(`not expected: ${request.action}`);
  if (request.mode === "list") return { mode: "list", results: [ROW] };
  if (request.mode === "target") return { mode: "target", name: request.name, url: request.url };
  const isKnown = request.target === "course";
  return { mode: "make", link: isKnown ? { code: "abc", address: "https://go.example/abc" } : null };
}

describe("links", () => {
  it("lists people and machines side by side, and says how to begin where there are none", async () => {
    const { context, stdout } = createBench({ answer });
    expect(await runLinks({}, context)).toBe(0);
    expect(stdout()).toMatch(/2031-05-05 +course +mail +20 +7 +8 +36/);
    const empty = createBench({ answer: () => ({ mode: "list", results: [] }), language: "ru" });
    expect(await runLinks({ words: ["list"] }, empty.context)).toBe(0);
    expect(empty.stdout()).toContain("Ссылок ещё нет");
  });

  it("writes a target down and makes a link to it, for a lead", async () => {
    const { context, stdout, asked } = createBench({ answer });
    expect(await runLinks({ words: ["target", "course", "https://school.example/a"] }, context)).toBe(0);
    expect(await runLinks({ words: ["make", "course"], lead: LEAD }, context)).toBe(0);
    expect(stdout()).toBe("✓ course leads to https://school.example/a\nhttps://go.example/abc\n");
    expect(asked).toEqual([
      { action: "links", mode: "target", name: "course", url: "https://school.example/a" },
      { action: "links", mode: "make", target: "course", lead_id: LEAD },
    ]);
  });

  it("says what is missing for a target that nobody wrote down", async () => {
    const { context, stdout } = createBench({ answer });
    expect(await runLinks({ words: ["make", "other"] }, context)).toBe(1);
    expect(stdout()).toContain("There is no target other");
  });

  it.each([
    [["target", "course", "javascript:alert(1)"]],
    [["target", "course", "https://a@b.example"]],
    [["target", "курс", "https://school.example"]],
    [["make", ""]],
    [["sell"]],
  ])("asks nothing that cannot be: %j", async (words) => {
    const { context, asked } = createBench({ answer });
    await expect(runLinks({ words }, context)).rejects.toMatchObject({ code: "usage" });
    expect(asked).toEqual([]);
  });
});

describe("the address of a link", () => {
  it.each([
    [{ LINK_BASE_URL: "https://go.school.example/" }, "https://go.school.example/abc"],
    [{ LINK_BASE_URL: " " }, "https://p.supabase.co/functions/v1/go/abc"],
    [{ LINK_BASE_URL: "go.school.example" }, "https://p.supabase.co/functions/v1/go/abc"],
    [{ SUPABASE_PUBLIC_URL: "https://own.example" }, "https://own.example/functions/v1/go/abc"],
  ])("is under LINK_BASE_URL, else the function's own: %j", (variables, expected) => {
    expect(linkAddress("abc", { SUPABASE_URL: "https://p.supabase.co", ...variables })).toBe(expected);
  });
});
