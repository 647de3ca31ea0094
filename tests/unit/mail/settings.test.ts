import { describe, expect, it } from "vitest";
import { parseMailSettings, welcomePageUrl } from "#shared/mail/settings.ts";

const READY = {
  RESEND_API_KEY: "re_1",
  MAIL_FROM: "School <hello@school.example>",
  WELCOME_PAGE_URL: "https://school.example/welcome.html",
  ADMIN_EMAIL: "admin@school.example",
};

describe("parseMailSettings", () => {
  it("is ready with key, sender and page", () => {
    expect(parseMailSettings(READY)).toEqual({
      state: "ready",
      access: {
        apiKey: "re_1",
        baseUrl: "https://api.resend.com",
        sender: {
          from: "School <hello@school.example>",
          name: "School",
          replyTo: null,
          unsubscribeUrl: "/functions/v1/unsubscribe",
          unsubscribePageUrl: null,
          addresses: {},
          welcomePageUrl: "https://school.example/welcome.html",
          adminEmail: "admin@school.example",
          project: "local",
        },
        lacking: [],
      },
    });
  });

  it.each([
    ["is not set", undefined],
    ["is no address", "admin at school"],
  ])("sends mails all the same when ADMIN_EMAIL %s, and names it", (_case, ADMIN_EMAIL) => {
    expect(parseMailSettings({ ...READY, ADMIN_EMAIL })).toMatchObject({
      state: "ready",
      access: { sender: { adminEmail: null }, lacking: ["ADMIN_EMAIL"] },
    });
  });

  it.each(["admin@xn--80a1acny.xn--p1ai", "admin@почта.рф", "админ@почта.рф", "a.b+c@school.kz"])(
    "takes %s for an address, as browsers and people write it",
    (address) => {
      expect(parseMailSettings({ ...READY, ADMIN_EMAIL: address, MAIL_REPLY_TO: address })).toMatchObject({
        access: { sender: { adminEmail: address, replyTo: address }, lacking: [] },
      });
    },
  );

  it.each(["https://школа.рф/welcome.html", "https://xn--80atdl2c.xn--p1ai/welcome.html"])(
    "takes %s for a page",
    (url) => {
      expect(parseMailSettings({ ...READY, WELCOME_PAGE_URL: url })).toMatchObject({
        access: { sender: { welcomePageUrl: url } },
      });
    },
  );

  it.each([
    ["hello@school.example", "school.example"],
    ['"Школа, №1" <hello@school.example>', "Школа, №1"],
    ["<hello@school.example>", "school.example"],
  ])("names the sender of %s as %s", (MAIL_FROM, name) => {
    expect(parseMailSettings({ ...READY, MAIL_FROM })).toMatchObject({ access: { sender: { name } } });
  });

  it.each([
    ["Школа, Алматы <hello@school.example>", '"Школа, Алматы" <hello@school.example>'],
    ['"Школа, №1" <hello@school.example>', '"Школа, №1" <hello@school.example>'],
    ["School (Almaty): <hello@school.example>", '"School (Almaty):" <hello@school.example>'],
    ['The "best" school <hello@school.example>', '"The \\"best\\" school" <hello@school.example>'],
    ["School  <hello@school.example>", "School <hello@school.example>"],
  ])("sends %s as %s, which no service splits", (MAIL_FROM, from) => {
    expect(parseMailSettings({ ...READY, MAIL_FROM })).toMatchObject({ access: { sender: { from } } });
  });

  it.each(["Школа <hello@school>", "hello@school", "School <hello@school.>", "School <a,b@school.example>"])(
    "refuses the sender %s, which no service takes",
    (MAIL_FROM) => {
      expect(parseMailSettings({ ...READY, MAIL_FROM })).toMatchObject({ missing: ["MAIL_FROM"] });
    },
  );

  it("names everything that is missing at once", () => {
    const settings = parseMailSettings({ RESEND_API_KEY: " " });
    expect(settings).toMatchObject({
      state: "unconfigured",
      missing: ["MAIL_FROM", "RESEND_API_KEY", "WELCOME_PAGE_URL"],
    });
  });

  it.each([
    ["MAIL_FROM", "School"],
    ["MAIL_FROM", "a@b@c"],
    ["MAIL_REPLY_TO", "nobody"],
    ["WELCOME_PAGE_URL", "school.example/welcome"],
    ["WELCOME_PAGE_URL", "http://school.example/welcome"],
    ["RESEND_BASE_URL", "http://resend.example"],
    ["WELCOME_PAGE_URL", "https://school.example/#/welcome"],
    ["RESEND_BASE_URL", "ftp://resend"],
    ["RESEND_API_KEY", "re 1"],
  ])("refuses %s=%s by name", (name, value) => {
    expect(parseMailSettings({ ...READY, [name]: value })).toMatchObject({
      state: "unconfigured",
      missing: [name],
    });
  });

  it("guesses a misspelt name", () => {
    const { RESEND_API_KEY, ...rest } = READY;
    expect(parseMailSettings({ ...rest, RESEND_APIKEY: RESEND_API_KEY })).toMatchObject({
      message: expect.stringContaining("RESEND_APIKEY is set: misspelt?"),
    });
  });
});

describe("welcomePageUrl", () => {
  it.each([
    [READY, READY.WELCOME_PAGE_URL],
    [{}, undefined],
    [{ WELCOME_PAGE_URL: "nonsense" }, undefined],
  ])("is read alone", (environment, expected) => {
    expect(welcomePageUrl(environment)).toBe(expected);
  });
});
