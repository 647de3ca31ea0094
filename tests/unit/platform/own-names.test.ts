import { expect, test } from "vitest";
import { pickFunctionVariables } from "#dev/stack/command/function-variables.ts";
import { parseMailSettings } from "#shared/mail/settings.ts";
import { underOwnNames } from "#shared/platform/own-names.ts";

const THEIRS = {
  RESEND_API_KEY: "re_theirs",
  ADMIN_EMAIL: "theirs@example.com",
  MAIL_FROM: "hello@school.example",
};

test("a name with AMOCRM_ in front wins over the one that the project may use itself", () => {
  const variables = underOwnNames({
    ...THEIRS,
    AMOCRM_RESEND_API_KEY: "re_ours",
    AMOCRM_ADMIN_EMAIL: "ours@example.com",
    AMOCRM_WELCOME_PAGE_URL: "https://school.example/welcome.html",
    AMOCRM_SUBDOMAIN: "company",
  });
  expect(variables).toEqual({
    RESEND_API_KEY: "re_ours",
    ADMIN_EMAIL: "ours@example.com",
    MAIL_FROM: "hello@school.example",
    WELCOME_PAGE_URL: "https://school.example/welcome.html",
    AMOCRM_SUBDOMAIN: "company",
  });
  expect(parseMailSettings(variables)).toMatchObject({
    state: "ready",
    access: { apiKey: "re_ours", sender: { adminEmail: "ours@example.com" } },
  });
});

test("an empty one counts as not set", () => {
  expect(underOwnNames({ ...THEIRS, AMOCRM_RESEND_API_KEY: " " })).toEqual(THEIRS);
});

test("npm run dev, which must know whether real mails go out, reads them alike", () => {
  expect(pickFunctionVariables({ AMOCRM_RESEND_API_KEY: "re_ours", PATH: "/bin" })).toEqual({
    RESEND_API_KEY: "re_ours",
  });
});
