import { describe, expect, it } from "vitest";
import { greetingName } from "#shared/mail/greeting-name.ts";
import { TOKEN_PLACEHOLDER, withToken } from "#shared/mail/placeholder.ts";
import type { MailBody } from "#shared/mail/port.ts";
import { composeWelcome } from "#shared/school/welcome/welcome.ts";
import { SENDER, SETTINGS, welcome } from "../../mail/support/message.ts";

function bodyOf(message = welcome(), settings = SETTINGS, sender = SENDER): MailBody {
  const composed = composeWelcome(message, settings, sender);
  if (!composed.ok) throw new Error(composed.code);
  return composed.body;
}

describe("a welcome mail", () => {
  it("is the same to the byte each time it is rendered", () => {
    expect(JSON.stringify(bodyOf())).toBe(JSON.stringify(bodyOf()));
  });

  it("has the login and one link, in HTML and in text, and nothing that has to be loaded", () => {
    const { html, text } = bodyOf();
    for (const part of [html, text]) {
      expect(part).toContain("asel@example.kz");
      expect(part).toContain("Әсел Қуанышқызы");
      expect(part).toContain(`https://school.example/welcome.html#token=${TOKEN_PLACEHOLDER}`);
      expect(part).toContain("14 дней");
    }
    expect(new Set(html.match(/https?:\/\/[^\s"'<]+/g)).size).toBe(1);
    expect(html).not.toMatch(/<(img|script|link|iframe)\b/i);
  });

  it("tells Resend which message it is, so that its webhook can tell us", () => {
    expect(bodyOf().tags).toEqual([
      { name: "message_id", value: "7" },
      { name: "subject_id", value: "5b1a1f0e-1111-4111-8111-111111111111" },
    ]);
  });

  it("gets its token when it is sent, and the stored body has none", () => {
    const body = bodyOf();
    const sent = withToken({ key: "k", body, linkToken: "secret" });
    expect(sent.html).toContain("#token=secret");
    expect(sent.text).toContain("#token=secret");
    expect(JSON.stringify(sent)).not.toContain(TOKEN_PLACEHOLDER);
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it.each([
    ["ru", "Задать пароль", "Доступ к курсу «Tripwire»"],
    ["en", "Set a password", "Your access to Tripwire"],
    ["kk", "Задать пароль", "Доступ к курсу «Tripwire»"],
    [null, "Задать пароль", "Доступ к курсу «Tripwire»"],
  ])("is in the student's language %s, or in the default one", (language, button, subject) => {
    const body = bodyOf(welcome({ student: { language } }));
    expect(body.html).toContain(button);
    expect(body.text).toContain(button);
    expect(body.subject).toBe(subject);
  });

  it.each([
    [1, "1 день,"],
    [3, "3 дня,"],
    [5, "5 дней,"],
    [11, "11 дней,"],
    [21, "21 день,"],
    [90, "90 дней,"],
  ])("counts %i days as Russian does", (link_days, words) => {
    expect(bodyOf(welcome(), { ...SETTINGS, link_days }).text).toContain(words);
  });

  it("shows markup in a name, an address or the course's name as text", () => {
    const student = { fullName: "Ada & 'Co' \"Ltd\"", email: '"<b>"@example.com' };
    const { html } = bodyOf(welcome({ student }), { ...SETTINGS, course_name: "<script>alert(1)</script>" });
    expect(html).toContain("Ada &amp; &#39;Co&#39; &quot;Ltd&quot;");
    expect(html).toContain("&quot;&lt;b&gt;&quot;@example.com");
    expect(html).toContain("&lt;script&gt;");
    expect(html).not.toContain("<script>");
  });

  it.each(["ru", "en"] as const)(
    "leads to the sign-in who has a password, and holds no link that opens the account, in %s",
    (language) => {
      const { html, text } = bodyOf(welcome({ student: { hasPassword: true, language } }));
      for (const written of [html, text]) {
        expect(written).not.toContain(TOKEN_PLACEHOLDER);
        expect(written).not.toContain("#token=");
        expect(written).toContain(`${SENDER.welcomePageUrl}#error=password_set`);
        expect(written).not.toMatch(/Задать пароль|Set a password/);
      }
    },
  );

  it("names an address for answers where one is set", () => {
    expect(bodyOf()).not.toHaveProperty("reply_to");
    expect(bodyOf(welcome(), SETTINGS, { ...SENDER, replyTo: "help@school.example" }).reply_to).toBe(
      "help@school.example",
    );
  });

  it.each([
    ["was deleted", welcome({ student: null }), "superseded", "student_deleted"],
    ["is not active", welcome({ student: { isActive: false } }), "superseded", "student_inactive"],
    ["has no address", welcome({ student: { email: "  " } }), "rejected", "no_address"],
    ["has no login", welcome({ student: { hasLogin: false } }), "rejected", "no_login"],
    ["has another login", welcome({ student: { loginDiffers: true } }), "rejected", "login_differs"],
    ["bounced", welcome({ suppressedBy: "bounced" }), "rejected", "address_suppressed"],
    ["complained", welcome({ suppressedBy: "complained" }), "rejected", "address_suppressed"],
  ])("is not sent when the student %s", (_case, message, verdict, code) => {
    expect(composeWelcome(message, SETTINGS, SENDER)).toMatchObject({ ok: false, verdict, code });
  });
});

describe("greetingName", () => {
  it.each([
    ["  Мария   Щербакова ", "Мария Щербакова"],
    ["А.С. Пушкин", "А.С. Пушкин"],
    ["O'Brien-Smith", "O'Brien-Smith"],
    ["李小龍", "李小龍"],
    [null, null],
    ["", null],
    ["+7 707 123 45 67", null],
    ["asel@example.kz", null],
    ["You won! https://evil.example", null],
    ["Click evil.com now", null],
    ["<b>Ada</b>", null],
    ["x".repeat(61), null],
    [`Ada${TOKEN_PLACEHOLDER}`, "Ada token"],
    ["Ada\u202Egnol\r\nBcc: x", "Ada gnol Bcc: x"],
  ])("makes of %j the greeting %j", (fullName, expected) => {
    expect(greetingName(fullName)).toBe(expected);
  });
});
