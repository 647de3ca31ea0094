import { expect, test } from "vitest";
import type { Deal } from "#shared/amocrm/api/entities.ts";
import { fault } from "#shared/amocrm/api/faults.ts";
import type { Answer } from "#shared/amocrm/api/verdict.ts";
import { Configuration } from "#shared/amocrm/configuration.ts";
import type { Warning } from "#shared/amocrm/drain/port.ts";
import type { Tools } from "#shared/amocrm/handler.ts";
import { Message } from "#shared/amocrm/message.ts";
import { certificateIssued } from "#shared/school/deals/certificate-issued.ts";
import { lessonCompleted } from "#shared/school/deals/lesson-completed.ts";
import { studentCreated } from "#shared/school/deals/student-created.ts";
import { contact, deal, field } from "../../amocrm/support/entities.ts";

const TRIPWIRE = 4500;
const BOUGHT = 62001;
const exchange = {
  method: "GET",
  path: "/",
  httpStatus: 200,
  durationMs: 1,
  waitedMs: 0,
  itemCount: 1,
} as const;
const configuration = Configuration.parse({
  settings: {
    min_interval_ms: 1,
    batch_size: 50,
    patch_batch_size: 50,
    note_batch_size: 250,
    batch_size_in_force: null,
    large_batch_size_in_force: null,
    most_looks: 3,
    most_unclear_looks: 10,
    allow_stage_backwards: false,
  },
  routes: [],
  stages: [{ event: "student.created", pipeline_id: TRIPWIRE, status_id: BOUGHT }],
  fields: [],
  pipelines: [],
});
const messageOf = (facts: object) =>
  Message.parse({
    id: 7,
    kind: "student.created",
    lane: "live",
    personId: 1,
    step: null,
    progress: {},
    payload: {},
    attemptCount: 0,
    isPoison: false,
    failsAlone: false,
    errorCount: 0,
    companyFaultCount: 0,
    sentAt: null,
    createdAt: "2026-11-21T12:00:00Z",
    emailKey: "a@b.kz",
    phoneKey: null,
    subjectTable: "tripwire_users",
    subjectId: "11111111-1111-4111-8111-111111111111",
    contactId: null,
    dealId: null,
    subject: { full_name: "Анна", email: "a@b.kz", amocrm_deal_id: 50 },
    ...facts,
  });

/** An account with the deals given, in which the first note meets a deal that a manager deletes that moment. */
function accountOf(deals: Deal[]) {
  const asked: string[] = [];
  const warnings: Warning[] = [];
  let isFirstNote = true;
  const delivered = (value: unknown): Answer<unknown> => ({ verdict: "delivered", value, exchange });
  const perform = async (operation: { name: string }, input: unknown): Promise<Answer<unknown>> => {
    asked.push(operation.name);
    switch (operation.name) {
      case "read_deals":
        return delivered(deals.find(({ id }) => id === input) ?? null);
      case "create_deal_with_contact":
        deals.push(deal({ id: 90 + deals.length, pipelineId: TRIPWIRE, statusId: BOUGHT }));
        return delivered({ dealId: deals.at(-1)?.id, contactId: 3 });
      case "create_deal":
        deals.push(deal({ id: 90 + deals.length, pipelineId: TRIPWIRE, statusId: BOUGHT }));
        return delivered({ dealId: deals.at(-1)?.id });
      case "read_contacts":
        return delivered(contact({ id: Number(input), fields: [field("EMAIL", "a@b.kz")] }));
      case "search_contacts":
        return delivered([]);
      case "create_notes":
        if (!isFirstNote) return delivered(true);
        isFirstNote = false;
        deals.splice(
          deals.findIndex(({ id }) => id === (input as { dealId: number }).dealId),
          1,
        );
        return { verdict: "rejected", fault: fault("not_found"), exchange };
      default:
        throw new Error(`not expected: ${operation.name}`);
    }
  };
  const tools: Tools = {
    configuration,
    match: {
      id: 7,
      by: null,
      contact: null,
      otherIds: [],
      linkedIsDeleted: false,
      mayBeRestored: false,
      strangerId: null,
    },
    fields: { contact: null, deal: null },
    reserveContact: () => true,
    takesDeal: () => true,
    dealsOfOthers: async () => new Set(),
    pipelineId: async (own) => ({ ok: true, value: own }),
    pipeline: async () => ({ ok: true, value: null }),
    perform: perform as Tools["perform"],
    dispute: async (failed) => failed,
    record: async () => {},
    warn: (warning) => void warnings.push(warning),
    duplicate: () => {},
    nowMs: () => 0,
    accountMs: (ourMs) => ourMs,
  };
  return { tools, asked, warnings };
}

test("a new student's deal that a manager deletes before its note is made anew, for the contact that is there, with the note", async () => {
  const { tools, asked, warnings } = accountOf([]);
  expect(await studentCreated(messageOf({}), tools)).toEqual({ kind: "delivered", contactId: 3, dealId: 90 });
  const first = ["create_deal_with_contact", "create_notes"];
  expect(asked).toEqual([...first, "read_deals", "read_contacts", "create_deal", "create_notes"]);
  expect(warnings).toMatchObject([{ code: "deal_deleted" }]);
});

test("a student's deal that a manager deletes before the note on the certificate is made anew, with that note", async () => {
  const { tools, asked } = accountOf([deal({ id: 50, pipelineId: TRIPWIRE, statusId: 62004 })]);
  const message = messageOf({ kind: "certificate.issued", payload: { number: "TW-1" }, dealId: 50 });
  expect(await certificateIssued(message, tools)).toMatchObject({ kind: "delivered", dealId: 90 });
  expect(asked.filter((name) => name === "create_notes")).toHaveLength(2);
});

test("a payload that says nothing is dead with a reason, and stops nobody else", async () => {
  const { tools } = accountOf([]);
  const dead = { kind: "rejected", code: "payload_malformed" };
  expect(await lessonCompleted(messageOf({ kind: "lesson.completed" }), tools)).toMatchObject(dead);
  expect(await certificateIssued(messageOf({ kind: "certificate.issued" }), tools)).toMatchObject(dead);
});

test("a student who is gone supersedes what was to be told", async () => {
  const { tools, asked } = accountOf([]);
  for (const handler of [studentCreated, lessonCompleted, certificateIssued]) {
    expect(await handler(messageOf({ subject: null }), tools)).toMatchObject({ code: "subject_deleted" });
  }
  expect(asked).toEqual([]);
});

test("what a deal had got that a manager deleted between two turns is told again to the next deal", async () => {
  const { tools, asked } = accountOf([]);
  const facts = { dealId: 50, contactId: 3, progress: { deal: "created", note: true } };
  expect(await studentCreated(messageOf(facts), tools)).toMatchObject({ kind: "delivered", dealId: 90 });
  // The first note meets a second deletion.
  expect(asked.filter((name) => name === "create_notes")).toHaveLength(2);
});
