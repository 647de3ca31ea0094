import { HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { type AmocrmClient, createAmocrmClient } from "#shared/amocrm/api/client.ts";
import type { NewContact } from "#shared/amocrm/api/drafts.ts";
import type { Transport } from "#shared/amocrm/api/transport.ts";
import type { Answer } from "#shared/amocrm/api/verdict.ts";
import { BATCH_TIMEOUT_MS, SINGLE_TIMEOUT_MS } from "#shared/amocrm/rules/limits.ts";
import { delivered, playAmocrm } from "../support/answering-amocrm.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { impatientClock, transportTo } from "../support/transport.ts";

const { client, requests, answerWith, answerBy } = playAmocrm();

function contacts(count: number): NewContact[] {
  return Array.from({ length: count }, (_, index) => ({
    requestId: `m-${index}`,
    contact: { name: `N${index}` },
  }));
}

const ITEM = { requestId: "m-1", deal: { name: "Deal" }, contact: { name: "Anna" } };

describe("createDealsWithContacts", () => {
  it("posts to leads/complex and reads its bare list", async () => {
    answerWith([{ id: 800202, contact_id: 900103, company_id: null, request_id: ["m-1"], merged: false }]);
    const { created, missing } = delivered(await client.createDealsWithContacts([ITEM]));
    expect(created.get("m-1")).toEqual({ dealId: 800202, contactId: 900103, isMerged: false });
    expect(missing).toEqual([]);
    expect(requests[0]).toMatchObject({ method: "POST", url: { pathname: "/api/v4/leads/complex" } });
  });

  it("reads one deal for several items that amoCRM merged", async () => {
    answerWith([{ id: 5, contact_id: 6, request_id: ["m-1", "m-2"], merged: true }]);
    const { created } = delivered(
      await client.createDealsWithContacts([ITEM, { ...ITEM, requestId: "m-2" }]),
    );
    expect([...created.values()]).toEqual([
      { dealId: 5, contactId: 6, isMerged: true },
      { dealId: 5, contactId: 6, isMerged: true },
    ]);
  });

  it("refuses more than 50 items before anything is sent", async () => {
    const items = Array.from({ length: 51 }, (_, index) => ({ ...ITEM, requestId: `m-${index}` }));
    await expect(client.createDealsWithContacts(items)).rejects.toThrow(RangeError);
  });
});

describe("a batch create", () => {
  const random = seededRandom(20_261_121);

  it("is joined by request id in whatever order and with whatever gaps the answer comes", async () => {
    for (let run = 0; run < 50; run++) {
      const items = contacts(1 + Math.floor(random() * 20));
      const mentioned = shuffled(items, random).filter(() => random() < 0.8);
      const rows = mentioned.map(({ requestId }) => ({
        id: 1_000 + Number(requestId.slice(2)),
        request_id: requestId,
      }));
      answerWith({ _embedded: { contacts: rows } });
      const { created, missing } = delivered(await client.createContacts(items));
      for (const [requestId, { contactId }] of created)
        expect(contactId).toBe(1_000 + Number(requestId.slice(2)));
      expect([...created.keys(), ...missing].sort()).toEqual(items.map(({ requestId }) => requestId).sort());
      expect(created.size).toBe(mentioned.length);
    }
  });

  it("takes nothing from rows without our request id", async () => {
    answerWith({
      _embedded: { contacts: [{ id: 1 }, { id: 2, request_id: "other" }, { id: 3, request_id: 0 }] },
    });
    const { created, missing } = delivered(await client.createContacts(contacts(2)));
    expect(created.size).toBe(0);
    expect(missing).toEqual(["m-0", "m-1"]);
  });

  it("names the refused items, found by request id or by ordinal", async () => {
    const errors = [{ code: "NotSupportedChoice", path: "responsible_user_id" }];
    answerWith(
      {
        "validation-errors": [
          { request_id: "m-2", errors },
          { request_id: "0", errors },
        ],
      },
      400,
    );
    expect(await client.createContacts(contacts(3))).toMatchObject({
      verdict: "rejected",
      fault: { items: [{ requestId: "m-2" }, { requestId: "m-0" }] },
      exchange: { httpStatus: 400, itemCount: 3 },
    });
  });

  it.each([[0], [251]])("of %i items is refused before anything is sent", async (count) => {
    await expect(client.createContacts(contacts(count))).rejects.toThrow(RangeError);
  });

  it("with a request id twice is refused before anything is sent", async () => {
    const [item] = contacts(1);
    if (item === undefined) throw new Error("expected an item");
    await expect(client.createContacts([item, item])).rejects.toThrow(/request id/);
  });

  it.each<[string, () => Response]>([
    ["a 500", () => HttpResponse.json({ status: 500 }, { status: 500 })],
    ["a 502 web page", () => new HttpResponse("<html>", { status: 502 })],
    ["a web page as success", () => new HttpResponse("<html>", { status: 200 })],
    ["a 204", () => new HttpResponse(null, { status: 204 })],
    ["an object without rows", () => HttpResponse.json({})],
    ["a network error", () => HttpResponse.error()],
  ])("is uncertain after %s, where a PATCH is tried again", async (_name, response) => {
    answerBy(response);
    expect((await client.createContacts(contacts(2))).verdict).toBe("uncertain");
    const change = { requestId: "m-1", id: 1, contact: { name: "Anna" } };
    expect((await client.updateContacts([change])).verdict).toBe("retry");
  });

  it("is uncertain after a timeout", async () => {
    const hanging = transportTo({ clock: impatientClock(), fetch: () => new Promise(() => {}) });
    expect(await createAmocrmClient(hanging).createContacts(contacts(2))).toMatchObject({
      verdict: "uncertain",
      fault: { code: "timeout", shrinksBatch: true },
    });
  });
});

describe("a batch PATCH", () => {
  it("is joined by id, and says what the answer does not mention", async () => {
    answerWith({ _embedded: { leads: [{ id: 12, updated_at: 1_760_000_999 }, { id: 99 }] } });
    const changes = [11, 12].map((id) => ({ requestId: `m-${id}`, id, deal: { name: "x" } }));
    const { updated, missing } = delivered(await client.updateDeals(changes));
    expect([...updated]).toEqual([[12, { updatedAt: 1_760_000_999 }]]);
    expect(missing).toEqual([11]);
    expect(requests[0]).toMatchObject({ method: "PATCH", url: { pathname: "/api/v4/leads" } });
  });
});

describe("each create", () => {
  const deal = { requestId: "m-0", deal: {}, contactIds: [1] };
  const note = { requestId: "m-0", entityId: 1, text: "x" };
  const task = { requestId: "m-0", entityType: "leads" as const, entityId: 1, text: "x", completeTill: 9 };
  const field = { requestId: "m-0", name: "x", type: "text" };

  it.each<
    [string, (client: AmocrmClient) => Promise<Answer<{ created: Map<string, object> }>>, string, object]
  >([
    ["/api/v4/leads", (c) => c.createDeals([deal]), "leads", { dealId: 7 }],
    ["/api/v4/contacts", (c) => c.createContacts(contacts(1)), "contacts", { contactId: 7 }],
    ["/api/v4/leads/notes", (c) => c.createNotes("leads", [note]), "notes", { noteId: 7 }],
    ["/api/v4/contacts/notes", (c) => c.createNotes("contacts", [note]), "notes", { noteId: 7 }],
    ["/api/v4/tasks", (c) => c.createTasks([task]), "tasks", { taskId: 7 }],
    [
      "/api/v4/leads/custom_fields",
      (c) => c.createCustomFields("leads", [field]),
      "custom_fields",
      { fieldId: 7 },
    ],
  ])("posts a list to %s", async (path, create, key, ids) => {
    answerWith({ _embedded: { [key]: [{ id: 7, request_id: "m-0" }] } });
    const { created } = delivered(await create(client));
    expect([...created]).toEqual([["m-0", ids]]);
    expect(requests[0]).toMatchObject({ method: "POST", url: { pathname: path } });
    expect(requests[0]?.body).toHaveLength(1);
  });
});

it("batches get a longer timeout than single writes", async () => {
  const timeouts: number[] = [];
  const transport: Transport = {
    send: async (request) => {
      timeouts.push(request.timeoutMs);
      return { kind: "failed", reason: "connection_lost", phase: "after", durationMs: 0, waitedMs: 0 };
    },
  };
  const watched = createAmocrmClient(transport);
  await watched.createContacts(contacts(1));
  await watched.createContacts(contacts(2));
  await watched.account();
  expect(timeouts).toEqual([SINGLE_TIMEOUT_MS, BATCH_TIMEOUT_MS, SINGLE_TIMEOUT_MS]);
});
