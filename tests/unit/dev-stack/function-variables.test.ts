import { describe, expect, it } from "vitest";
import { outsideAmocrmUrl, pickFunctionVariables } from "#dev/stack/command/function-variables.ts";

describe("pickFunctionVariables", () => {
  it("takes the functions' variables, misspelt ones too, and nothing else of the shell", () => {
    const environment = {
      AMOCRM_ENABLED: "true",
      AMOCRM_ACESS_TOKEN: "t",
      RESEND_API_KEY: "r",
      MAIL_FROM: "m",
      ADMIN_EMAIL: "a",
      AMOCRM_SUBDOMAIN: "",
      SUPABASE_SECRET_KEY: "hosted",
      AMOCRM_CRON_KEY: "hosted",
      AMOCRM_EMAIL: "robot@company.example",
      AMOCRM_PASSWORD: "of the session service",
      AMOCRM_FUNCTIONS_URL: "hosted",
      PATH: "/bin",
      MY_AMOCRM_X: "x",
    };
    expect(pickFunctionVariables(environment)).toEqual({
      AMOCRM_ENABLED: "true",
      AMOCRM_ACESS_TOKEN: "t",
      RESEND_API_KEY: "r",
      MAIL_FROM: "m",
      ADMIN_EMAIL: "a",
    });
  });
});

describe("outsideAmocrmUrl", () => {
  it.each([
    [{}, undefined],
    [{ AMOCRM_ACCESS_TOKEN: "t" }, undefined],
    [{ AMOCRM_SUBDOMAIN: "company" }, "https://company.amocrm.ru"],
    [{ AMOCRM_SUBDOMAIN: "company.kommo.com" }, "https://company.kommo.com"],
    [{ AMOCRM_SUBDOMAIN: "company", AMOCRM_BASE_URL: "http://127.0.0.1:1" }, "http://127.0.0.1:1"],
  ])("finds in %j the account %s", (variables, url) => {
    expect(outsideAmocrmUrl(variables)).toBe(url);
  });
});
