import { describe, expect, it } from "vitest";
import { readEvent } from "#shared/mail/resend/event.ts";

const SUBJECT_ID = "5b1a1f0e-1111-4111-8111-111111111111";
const call = (type: string, data: object = {}) => ({
  type,
  created_at: "2031-05-05T12:00:00.000Z",
  data: {
    email_id: "r1",
    to: ["asel@example.kz"],
    tags: { message_id: "7", subject_id: SUBJECT_ID },
    ...data,
  },
});

describe("readEvent", () => {
  it.each([
    ["email.sent", "sent"],
    ["email.delivered", "delivered"],
    ["email.delivery_delayed", "delayed"],
    ["email.bounced", "bounced"],
    ["email.complained", "complained"],
    ["email.failed", "failed"],
    ["email.suppressed", "bounced"],
  ])("reads %s as %s", (type, outcome) => {
    expect(readEvent("e1", call(type))).toMatchObject({
      eventId: "e1",
      outcome,
      resendId: "r1",
      messageId: 7,
      subjectId: SUBJECT_ID,
    });
  });

  it("takes tags as an object or as a list, and none at all", () => {
    const list = [{ name: "message_id", value: "7" }];
    expect(readEvent("e", call("email.sent", { tags: list }))).toMatchObject({
      messageId: 7,
      subjectId: null,
    });
    expect(readEvent("e", call("email.sent", { tags: undefined }))).toMatchObject({
      messageId: null,
      resendId: "r1",
    });
    expect(readEvent("e", call("email.sent", { tags: "odd" }))).toMatchObject({ messageId: null });
    expect(readEvent("e", call("email.sent", { tags: { message_id: "-1", subject_id: "x" } }))).toMatchObject(
      {
        messageId: null,
        subjectId: null,
      },
    );
  });

  it.each([
    ["Permanent", true],
    ["Transient", false],
    ["Undetermined", false],
  ])("knows a %s bounce", (type, isPermanent) => {
    const bounce = { type, subType: "General", message: "asel@example.kz is not here" };
    const event = readEvent("e", call("email.bounced", { bounce }));
    expect(event).toMatchObject({ isPermanent, reason: `${type}, General` });
    expect(JSON.stringify(event)).not.toContain("asel@example.kz");
  });

  it.each(["soon", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", null, 5])(
    "keeps what an event says that happened at %j",
    (created_at) => {
      const event = readEvent("e", { ...call("email.delivered"), created_at });
      expect(event).toMatchObject({ outcome: "delivered", messageId: 7, happenedAt: null });
    },
  );

  it("reads the tags that can be read, and an odd id as none", () => {
    const tags = { message_id: "7", other: ["x"], subject_id: null };
    expect(readEvent("e", call("email.sent", { tags, email_id: 5 }))).toMatchObject({
      messageId: 7,
      subjectId: null,
      resendId: null,
    });
    const list = [null, { name: "message_id", value: "7" }, { name: 5 }];
    expect(readEvent("e", call("email.sent", { tags: list }))).toMatchObject({ messageId: 7 });
  });

  it("cuts a reason between characters, never inside of one", () => {
    const event = readEvent(
      "e",
      call("email.failed", { failed: { reason: `${"x".repeat(99)}🙂${"y".repeat(9)}` } }),
    );
    expect(event).toMatchObject({ reason: `${"x".repeat(99)}🙂` });
  });

  it("takes an opening for one, which says nothing of how the mail arrived", () => {
    expect(readEvent("e", call("email.opened"))).toMatchObject({ type: "email.opened", outcome: null });
  });

  it.each(["email.clicked", "contact.created", "domain.updated"])("leaves %s aside", (type) => {
    expect(readEvent("e", call(type))).toBe("other");
  });

  it.each([null, 1, "text", [], {}, { type: "email.sent" }])("does not understand %j", (json) => {
    expect(readEvent("e", json)).toBeNull();
  });
});
