import { describe, expect, it } from "vitest";
import { followupSmsComposers } from "#shared/followups/composers.ts";

const compose = (changes: object = {}) => {
  const composer = followupSmsComposers["lead.sms"];
  if (composer === undefined) throw new Error("There is no composer");
  const details = {
    ...{ language: "ru", body: "{name}, урок: {link:course}", fullName: "Әсел" },
    ...{ metadata: {}, links: { course: "abc" } },
    ...changes,
  };
  const message = {
    ...{ id: 7, kind: "lead.sms", payload: {}, phone: "+77011234567", isInDoubt: false },
    ...{ lookCount: 0, taskId: null, campaign: "sb-7.0-0", knownCampaigns: [], details },
  };
  const settings = { sender: null, maxParts: 3, timeZone: "Asia/Almaty" };
  return composer(message, settings, { LINK_BASE_URL: "https://go.example" });
};

describe("an SMS of a sequence", () => {
  it("has the name and the short link in it, and no hole where there is no name", () => {
    expect(compose()).toEqual({ ok: true, text: "Әсел, урок: https://go.example/abc" });
    expect(compose({ body: "Здравствуйте, {name}! ", fullName: null })).toEqual({
      ok: true,
      text: "Здравствуйте!",
    });
  });

  it("is not sent without its template, its link's target or its entry", () => {
    expect(compose({ body: null, language: null })).toMatchObject({
      verdict: "rejected",
      code: "no_template",
    });
    expect(compose({ links: { course: null } })).toMatchObject({
      verdict: "rejected",
      code: "no_link_target",
    });
    expect(compose({ metadata: null })).toMatchObject({ verdict: "superseded", code: "gone" });
  });
});
