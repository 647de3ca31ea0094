import { describe, expect, it } from "vitest";
import { followupComposers } from "#shared/followups/composers.ts";
import type { MailMessage } from "#shared/mail/message.ts";
import { TOKEN_PLACEHOLDER, withToken } from "#shared/mail/placeholder.ts";
import { SENDER, SETTINGS, welcome } from "../mail/support/message.ts";

const details = {
  ...{ recipient: "asel@example.kz", topic: "news", language: "ru", subject: "Здравствуйте, {name}!" },
  ...{
    body: "Здравствуйте, {name}!\n\nКурс: {link:course}.",
    fullName: "Әсел",
    metadata: {},
    links: { course: "abc" },
  },
};
const sender = {
  ...SENDER,
  unsubscribePageUrl: "https://school.example/out.html",
  addresses: { LINK_BASE_URL: "https://go.example" },
};
const compose = (changes: object = {}) => {
  const message: MailMessage = {
    ...welcome({ student: null }),
    kind: "lead.mail",
    details: { ...details, ...changes },
  };
  const composer = followupComposers["lead.mail"];
  if (composer === undefined) throw new Error("There is no composer");
  return composer(message, SETTINGS, sender);
};

describe("a mail of a sequence", () => {
  it("has both headers of RFC 8058 and the way out for people, each with the token in its place", () => {
    const composed = compose();
    if (!composed.ok) throw new Error(composed.message);
    const sent = withToken({ key: "k", body: composed.body, linkToken: "TOKEN" });
    expect(sent.headers).toEqual({
      "List-Unsubscribe": "<https://abcdefgh.supabase.co/functions/v1/unsubscribe/TOKEN>",
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    });
    for (const text of [sent.text, sent.html]) {
      expect(text).toContain("https://school.example/out.html#token=TOKEN");
      expect(text).not.toContain(TOKEN_PLACEHOLDER);
    }
    expect(sent.text).toContain("https://go.example/abc");
    expect(sent.html).toContain('<a href="https://go.example/abc">');
  });

  it("is HTML of ours alone, whatever a visitor typed, and has a subject of one line", () => {
    const composed = compose({
      subject: "{metadata.a}",
      body: "{metadata.a} {metadata.b}",
      metadata: { a: "<script>alert(1)</script>\r\nBcc: x@example.com", b: `${TOKEN_PLACEHOLDER}"onclick=` },
    });
    if (!composed.ok) throw new Error(composed.message);
    const { html, subject } = composed.body;
    expect(html).not.toMatch(/<script|"onclick/);
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html.split(TOKEN_PLACEHOLDER)).toHaveLength(2);
  });

  it.each([
    [{ subject: null, body: null, language: null }, "no_template"],
    [{ links: { course: null } }, "no_link_target"],
  ])("is none without its template or a link's target", (changes, code) => {
    expect(compose(changes)).toMatchObject({ ok: false, verdict: "rejected", code });
  });

  it("is none when its entry was forgotten", () => {
    const message: MailMessage = { ...welcome({ student: null }), kind: "lead.mail", details: null };
    expect(followupComposers["lead.mail"]?.(message, SETTINGS, sender)).toMatchObject({
      ok: false,
      verdict: "superseded",
    });
  });
});
