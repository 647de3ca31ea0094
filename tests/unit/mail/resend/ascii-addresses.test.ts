import { expect, it } from "vitest";
import { withAsciiDomains } from "#shared/mail/resend/ascii-addresses.ts";

const BODY = { subject: "Hi", html: "", text: "", tags: [] };

it("spells the domains of a mail as Resend takes them, and nothing else", () => {
  const body = {
    ...BODY,
    from: "Школа №1 <hello@школа.рф>",
    to: ["asel@почта.рф", "a@example.kz", "b@xn--80a1acny.xn--p1ai"],
    reply_to: "hello@школа.рф",
  };
  expect(withAsciiDomains(body)).toEqual({
    ...BODY,
    from: "Школа №1 <hello@xn--80atdl2c.xn--p1ai>",
    to: ["asel@xn--80a1acny.xn--p1ai", "a@example.kz", "b@xn--80a1acny.xn--p1ai"],
    reply_to: "hello@xn--80atdl2c.xn--p1ai",
  });
  expect(withAsciiDomains({ ...BODY, from: "a@b.kz", to: ["c@d.kz"] })).toEqual({
    ...BODY,
    from: "a@b.kz",
    to: ["c@d.kz"],
  });
});
