import { describe, expect, it } from "vitest";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { type AmocrmClient, createAmocrmClient } from "#shared/amocrm/api/client.ts";
import { chooseDeal } from "#shared/amocrm/rules/choose-deal.ts";
import { matchContact, searchQueries } from "#shared/amocrm/rules/match-contact.ts";
import { contactKeyFields, mergeContactValues } from "#shared/amocrm/rules/merge-contact-values.ts";
import { hasReference, noteText } from "#shared/amocrm/rules/note-text.ts";
import naughtyStrings from "../../../data/blns.json" with { type: "json" };
import { delivered } from "../support/answering-amocrm.ts";
import { impatientClock, transportTo } from "../support/transport.ts";

/** The client and the simulator know each other by the documented facts only; this is where they must agree. */
const PIPELINE_ID = 4400;
const STAGE_ID = 61001;
const MARKER_FIELD_ID = 411;
const NAME_LENGTH_MAX = 255;
const EMAIL = { kind: "email", value: "ann@shop.test" } as const;
const PHONE = { kind: "phone", value: "+79121112648" } as const;

function start(options: Parameters<typeof createSimulator>[0] = {}): {
  simulator: Simulator;
  client: AmocrmClient;
} {
  const settings = { rate: { requests_per_second: 1_000, account_per_second: 0 }, ...options.settings };
  const simulator = createSimulator({ ...options, settings });
  const tokens = { accessToken: async () => ({ ok: true as const, token: simulator.accessToken }) };
  return { simulator, client: createAmocrmClient(transportTo({ fetch: simulator.fetch, tokens })) };
}

function item(requestId: string, name = "Anna", marker = requestId) {
  return {
    requestId,
    deal: {
      name: `${name} — tripwire`,
      pipelineId: PIPELINE_ID,
      statusId: STAGE_ID,
      tags: ["site"],
      fields: [{ target: { fieldId: MARKER_FIELD_ID }, values: [{ value: marker }] }],
    },
    contact: { name, fields: contactKeyFields({ email: EMAIL.value, phone: PHONE.value }) },
  };
}

/** The ids of the only item that was created. */
function only<T>({ created, missing }: { created: Map<string, T>; missing: string[] }): T {
  const [value] = created.values();
  if (value === undefined || created.size !== 1 || missing.length !== 0)
    throw new Error("expected exactly one item");
  return value;
}

describe("on the simulator", () => {
  it("a lead becomes a contact and a deal that are found again by e-mail, phone, id and time", async () => {
    const { client } = start();
    const { dealId, contactId } = only(delivered(await client.createDealsWithContacts([item("m-1")])));
    for (const key of [EMAIL, PHONE]) {
      const hits = delivered(await client.searchContacts(searchQueries(key)[0] ?? ""));
      expect(matchContact(hits.rows, key).chosen?.id).toBe(contactId);
    }
    const [contact] = delivered(await client.readContacts([contactId ?? 0])).rows;
    expect(contact).toMatchObject({ name: "Anna", dealIds: [dealId], isDeleted: false });
    expect(delivered(await client.readContact(contactId ?? 0))).toEqual(contact);

    const [deal] = delivered(await client.readDeals([dealId])).rows;
    expect(deal).toMatchObject({
      pipelineId: PIPELINE_ID,
      statusId: STAGE_ID,
      tags: ["site"],
      contacts: [{ id: contactId, isMain: true }],
    });
    expect(delivered(await client.readDeal(dealId))).toEqual(deal);
    const since = delivered(await client.dealsCreatedSince(deal?.createdAt ?? 0, 1));
    expect(since).toEqual({ rows: [deal], hasMore: false, filterIgnored: false });
    expect(deal?.fields.find(({ fieldId }) => fieldId === MARKER_FIELD_ID)?.values[0]?.value).toBe("m-1");
    expect(chooseDeal(deal === undefined ? [] : [deal], PIPELINE_ID).why).toBe("open");
  });

  it("a batch of 50 is joined item by item", async () => {
    const { client, simulator } = start();
    const items = Array.from({ length: 50 }, (_, index) => item(`m-${index}`, `Name ${index}`));
    const { created, missing } = delivered(await client.createDealsWithContacts(items));
    expect(missing).toEqual([]);
    const ids = [...created.values()].map(({ dealId }) => dealId);
    const names = new Map(delivered(await client.readDeals(ids)).rows.map((deal) => [deal.id, deal.name]));
    for (const [requestId, { dealId }] of created) {
      expect(names.get(dealId)).toBe(`Name ${requestId.slice(2)} — tripwire`);
    }
    expect(simulator.log.entries()).toHaveLength(2);
  });

  it("a deal of an existing contact, its notes, tasks and fields are created", async () => {
    const { client, simulator } = start();
    const { contactId } = only(
      delivered(await client.createContacts([{ requestId: "m-1", contact: { name: "Anna" } }])),
    );
    const deal = { name: "Second", pipelineId: PIPELINE_ID, statusId: STAGE_ID };
    const { dealId } = only(
      delivered(await client.createDeals([{ requestId: "m-2", deal, contactIds: [contactId] }])),
    );
    expect(delivered(await client.readDeal(dealId))?.contacts).toEqual([{ id: contactId, isMain: true }]);

    const text = noteText({ values: [{ path: "source", value: "tripwire" }] }, "lead-1");
    only(delivered(await client.createNotes("leads", [{ requestId: "m-3", entityId: dealId, text }])));
    const notes = delivered(await client.listNotes("leads", [dealId]));
    expect(notes.rows.map((note) => hasReference(note.text, "lead-1"))).toEqual([true]);
    expect(notes.filterIgnored).toBe(false);

    const task = {
      entityType: "leads" as const,
      entityId: dealId,
      text: "Call",
      completeTill: 1_900_000_000,
    };
    only(delivered(await client.createTasks([{ requestId: "m-4", ...task }])));
    expect(simulator.state.counts()).toMatchObject({ contacts: 1, deals: 1, tasks: 1 });
    expect(delivered(await client.listTasks("leads", [dealId])).rows).toMatchObject([{ text: "Call" }]);

    const field = { requestId: "m-5", name: "Наша заявка", type: "text", code: "OUR_LEAD_ID" };
    const { fieldId } = only(delivered(await client.createCustomFields("leads", [field])));
    const fields = delivered(await client.customFields("leads", 1)).rows;
    expect(fields.find(({ id }) => id === fieldId)).toMatchObject({ code: "OUR_LEAD_ID", type: "text" });
  });

  it("a second phone is added to the first, and a stage is set", async () => {
    const { client } = start();
    const { dealId, contactId } = only(delivered(await client.createDealsWithContacts([item("m-1")])));
    const id = contactId ?? 0;
    const before = delivered(await client.readContact(id));
    const fields = mergeContactValues(before?.fields ?? [], { phone: "+77001007919" }) ?? [];
    delivered(await client.updateContacts([{ requestId: "m-2", id, contact: { fields } }]));
    const after = delivered(await client.readContact(id));
    for (const value of [PHONE.value, "+77001007919"]) {
      expect(matchContact(after === null ? [] : [after], { kind: "phone", value }).chosen?.id).toBe(id);
    }
    expect(matchContact(after === null ? [] : [after], EMAIL).chosen?.id).toBe(id);

    const deal = { pipelineId: PIPELINE_ID, statusId: 142, tags: ["won"] };
    const { updated, missing } = delivered(
      await client.updateDeals([{ requestId: "m-3", id: dealId, deal }]),
    );
    expect([[...updated.keys()], missing]).toEqual([[dealId], []]);
    expect(delivered(await client.readDeal(dealId))).toMatchObject({ statusId: 142, tags: ["site", "won"] });
  });

  it("account, pipelines and users are read", async () => {
    const { client } = start();
    expect(delivered(await client.account())).toMatchObject({ id: 5550001, subdomain: "sim" });
    const pipelines = delivered(await client.pipelines());
    expect(pipelines.find(({ id }) => id === PIPELINE_ID)?.stages.map(({ id }) => id)).toContain(STAGE_ID);
    expect(delivered(await client.users(1)).rows.map(({ id, isActive }) => [id, isActive])).toContainEqual([
      7009,
      false,
    ]);
  });

  it("nothing found is empty, and an unknown id is null", async () => {
    const { client } = start();
    expect(delivered(await client.searchContacts("nobody@shop.test")).rows).toEqual([]);
    expect(delivered(await client.readDeals([1, 2])).rows).toEqual([]);
    expect(delivered(await client.readDeal(1))).toBeNull();
    expect(delivered(await client.readContact(1))).toBeNull();
    expect(delivered(await client.listNotes("leads", [1])).rows).toEqual([]);
  });

  it("a wrong stage in a batch names its item, and nothing of the batch was written", async () => {
    const { client, simulator } = start();
    const wrong = { ...item("m-2"), deal: { name: "x", pipelineId: PIPELINE_ID, statusId: 999 } };
    const answer = await client.createDealsWithContacts([item("m-1"), wrong, item("m-3")]);
    expect(answer).toMatchObject({
      verdict: "rejected",
      fault: { code: "validation_failed", blame: "request" },
    });
    if (answer.verdict === "delivered") throw new Error("expected a refusal");
    expect(answer.fault.items).toEqual([
      { requestId: "m-2", faults: [{ code: "NotSupportedChoice", path: "status_id" }] },
    ]);
    expect(simulator.state.counts()["deals"]).toBe(0);
  });

  it("every naughty string that amoCRM has room for arrives byte for byte as a contact's name", async () => {
    const { client, simulator } = start();
    const names = naughtyStrings.filter((text) => text.trim() !== "" && text.length <= NAME_LENGTH_MAX);
    for (let start = 0; start < names.length; start += 50) {
      const items = names
        .slice(start, start + 50)
        .map((name, index) => ({ requestId: `m-${start + index}`, contact: { name } }));
      const { created } = delivered(await client.createContacts(items));
      for (const { requestId, contact } of items) {
        const id = created.get(requestId)?.contactId;
        expect(simulator.state.contacts().find((one) => one["id"] === id)?.["name"]).toBe(contact.name);
      }
    }
  });
});

describe("when the simulator misbehaves", () => {
  it.each<[string, object, string, boolean]>([
    ["a rate limit in JSON", { kind: "rate_limit", body: "json" }, "retry rate_limited", false],
    ["a rate limit in HTML", { kind: "rate_limit", body: "html" }, "retry rate_limited", false],
    ["a rate limit without a body", { kind: "rate_limit", body: "empty" }, "retry rate_limited", false],
    ["a missing payment", { kind: "unpaid" }, "blocked unpaid", false],
    ["missing rights", { kind: "forbidden" }, "blocked forbidden", false],
    ["a bad token", { kind: "unauthorized" }, "blocked unauthorized", false],
    [
      "a 502 before the write",
      { kind: "status", status: 502, body: "html" },
      "uncertain server_error",
      false,
    ],
    [
      "a 502 after the write",
      { kind: "status", status: 502, after_write: true },
      "uncertain server_error",
      true,
    ],
    ["a 504", { kind: "status", status: 504, body: "html" }, "uncertain gateway_timeout", false],
    ["a reset", { kind: "reset" }, "uncertain connection_lost", false],
    [
      "an answer lost after the write",
      { kind: "lost_answer", ending: "reset" },
      "uncertain connection_lost",
      true,
    ],
    ["an answer cut short", { kind: "cut_body" }, "uncertain", true],
  ])("a create meets %s", async (_name, fault, expected, isWritten) => {
    const { client, simulator } = start();
    simulator.control.addFaults({ times: 1, ...fault } as Parameters<typeof simulator.control.addFaults>[0]);
    const answer = await client.createDealsWithContacts([item("m-1")]);
    const told = answer.verdict === "delivered" ? "delivered" : `${answer.verdict} ${answer.fault.code}`;
    expect(told).toContain(expected);
    expect(simulator.state.counts()["deals"]).toBe(isWritten ? 1 : 0);
  });

  it("an item missing from the answer is told as missing, though it was written", async () => {
    const { client, simulator } = start();
    simulator.control.addFaults({ kind: "missing_items", count: 1, times: 1 });
    const { created, missing } = delivered(await client.createDealsWithContacts([item("m-1"), item("m-2")]));
    expect([...created.keys(), ...missing].sort()).toEqual(["m-1", "m-2"]);
    expect(missing).toHaveLength(1);
    expect(simulator.state.counts()["deals"]).toBe(2);
  });

  it("a hang ends in a timeout, for a create in doubt", async () => {
    const { simulator } = start();
    simulator.control.addFaults({ kind: "hang", times: 1 });
    const tokens = { accessToken: async () => ({ ok: true as const, token: simulator.accessToken }) };
    const client = createAmocrmClient(
      transportTo({ fetch: simulator.fetch, tokens, clock: impatientClock() }),
    );
    expect(await client.createDealsWithContacts([item("m-1")])).toMatchObject({
      verdict: "uncertain",
      fault: { code: "timeout" },
    });
  });

  it("a blocked account is told from missing rights", async () => {
    const { client, simulator } = start();
    simulator.control.block();
    expect(await client.account()).toMatchObject({ verdict: "blocked", fault: { code: "account_blocked" } });
    simulator.control.liftBlock();
    expect((await client.account()).verdict).toBe("delivered");
  });

  it("a filter that the account has not paid for is told as ignored", async () => {
    const lists = { filters_need_paid_option: true, is_api_filter_enabled: false };
    const { client } = start({ settings: { lists }, population: { contacts: 5, deals: 5 } });
    const { dealId } = only(delivered(await client.createDealsWithContacts([item("m-1")])));
    const page = delivered(await client.readDeals([dealId]));
    expect(page.filterIgnored).toBe(true);
    expect(page.rows.every(({ id }) => id === dealId)).toBe(true);
  });

  it("search hits that merely look alike are no match", async () => {
    const { client } = start({
      settings: { search: { noise_hits: 5 } },
      population: { contacts: 50, deals: 0 },
    });
    const { contactId } = only(delivered(await client.createDealsWithContacts([item("m-1")])));
    const { rows } = delivered(await client.searchContacts(searchQueries(EMAIL)[0] ?? ""));
    expect(rows.length).toBeGreaterThan(1);
    expect(matchContact(rows, EMAIL)).toMatchObject({ chosen: { id: contactId }, others: [] });
  });
});
