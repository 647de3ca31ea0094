import { beforeEach, describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { FindAnswer } from "#shared/admin/find/answer.ts";
import { findPerson } from "#shared/admin/find/find-person.ts";
import type { Known } from "#shared/admin/find/our-records.ts";
import { FindRequest } from "#shared/admin/request.ts";
import { createFakeStore, type FakeStore } from "./support/fake-store.ts";
import { createSimulatedAccount, type SimulatedAccount } from "./support/simulated-account.ts";

const { sales, tripwire } = SEED_IDS;
const EMAIL = "ada@example.com";
const PHONE = "+79161234567";

let crm: SimulatedAccount;
let store: FakeStore;
let known: Known;

beforeEach(() => {
  crm = createSimulatedAccount();
  store = createFakeStore();
  store.rows.routes = [
    {
      source: "*",
      pipeline_id: sales.pipeline,
      status_id: null,
      responsible_user_id: null,
      tags: [],
      deal_name: "{name}",
      on_repeat: "note",
    },
    {
      source: "event",
      pipeline_id: sales.pipeline,
      status_id: null,
      responsible_user_id: null,
      tags: [],
      deal_name: "{name}",
      on_repeat: "deal",
    },
  ];
  known = {
    email_key: EMAIL,
    phone_key: null,
    own_email_key: EMAIL,
    own_phone_key: null,
    person: null,
    row_count: 0,
    rows: [],
    message_count: 0,
    messages: [],
  };
});

const lead = (source: string): Known["rows"][number] => ({
  subject_table: "unified_lead_tracking",
  id: "00000000-0000-4000-8000-000000000000",
  created_at: "2026-01-01T00:00:00Z",
  source,
  amocrm_contact_id: null,
  amocrm_deal_id: null,
  amocrm_synced_at: null,
});
const linkedTo = (contactId: number): Known["person"] => ({
  person_id: 5,
  contact_id: contactId,
  emails: [EMAIL],
  phones: [],
});

async function create(path: string, body: object): Promise<number> {
  const response = await crm.simulator.fetch(`https://sim.amocrm.ru/api/v4/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${crm.simulator.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify([body]),
  });
  const answer = (await response.json()) as { _embedded: Record<string, { id: number }[]> };
  return answer._embedded[path]?.[0]?.id ?? 0;
}
const contact = (name: string, keys: { EMAIL?: string; PHONE?: string }): Promise<number> =>
  create("contacts", {
    name,
    custom_fields_values: Object.entries(keys).map(([field_code, value]) => ({
      field_code,
      values: [{ value, enum_code: "WORK" }],
    })),
  });
const deal = (contactId: number, pipelineId: number, statusId: number): Promise<number> =>
  create("leads", {
    name: `in ${statusId}`,
    pipeline_id: pipelineId,
    status_id: statusId,
    _embedded: { contacts: [{ id: contactId }] },
  });
async function find(): Promise<FindAnswer> {
  const request = FindRequest.parse({ action: "find", email: EMAIL });
  const ports = { store, account: crm.account, findStore: { known: async () => known } };
  return FindAnswer.parse(await findPerson(request, ports));
}

describe("findPerson", () => {
  it("tells that a new contact and deal would be made where amoCRM has nobody, and not even a look-alike", async () => {
    await contact("Another", { EMAIL: `not-${EMAIL}` });
    const { contacts, choice } = await find();
    expect(contacts).toEqual([]);
    expect(choice).toMatchObject({
      contact_id: null,
      contact_why: "none",
      deal_id: null,
      deal_why: "no_contact",
    });
  });

  it("shows a contact with its deals by names, and chooses the open one of the route's pipeline", async () => {
    const id = await contact("Ada", { EMAIL, PHONE });
    const open = await deal(id, sales.pipeline, sales.qualified);
    await deal(id, sales.pipeline, 142);
    await deal(id, tripwire.pipeline, tripwire.bought);
    const { contacts, choice } = await find();
    expect(contacts).toMatchObject([
      { id, name: "Ada", emails: [EMAIL], phones: [PHONE], by: ["email"], is_used: true },
    ]);
    expect(contacts[0]?.deals.find((one) => one.id === open)).toMatchObject({
      pipeline: "Продажи",
      stage: "Квалификация",
      state: "open",
      is_used: true,
    });
    expect(contacts[0]?.deals.map(({ state }) => state).sort()).toEqual(["open", "open", "won"]);
    expect(choice).toEqual({
      contact_id: id,
      contact_why: "email",
      deal_id: open,
      deal_why: "open",
      source: null,
      route: "*",
      pipeline: "Продажи",
    });
  });

  it.each([
    ["a note on a won deal", "won"],
    ["a new one after a lost deal", "none"],
  ])("says %s", async (_, why) => {
    const id = await contact("Ada", { EMAIL });
    const dealId = await deal(id, sales.pipeline, sales.fresh);
    crm.simulator.control.edit({ action: why === "won" ? "win_deal" : "lose_deal", deal_id: dealId });
    const { choice } = await find();
    expect(choice).toMatchObject({ deal_why: why, deal_id: why === "won" ? dealId : null });
  });

  it("goes by the source of the person's last lead", async () => {
    const id = await contact("Ada", { EMAIL });
    await deal(id, sales.pipeline, sales.fresh);
    known.rows = [lead("event"), lead("site")];
    expect((await find()).choice).toMatchObject({
      deal_why: "route_says_deal",
      source: "event",
      route: "event",
    });
    store.rows.routes = store.rows.routes.filter(({ source }) => source !== "*");
    known.rows = [lead("site")];
    expect((await find()).choice).toMatchObject({ deal_why: "no_route", route: null });
  });

  it("prefers the linked contact, and shows the others with the same e-mail", async () => {
    const linked = await contact("Linked", { PHONE });
    const other = await contact("Other", { EMAIL });
    await deal(other, sales.pipeline, sales.fresh);
    known.person = linkedTo(linked);
    const { contacts, choice } = await find();
    // The other's open deal is not the linked contact's: the drain would not take it.
    expect(choice).toMatchObject({
      contact_id: linked,
      contact_why: "link",
      deal_id: null,
      deal_why: "none",
    });
    expect(contacts.map(({ id, by, is_used }) => ({ id, by, is_used }))).toEqual([
      { id: linked, by: ["link"], is_used: true },
      { id: other, by: ["email"], is_used: false },
    ]);
  });

  it("looks for another where the linked contact was deleted, and says so", async () => {
    const gone = await contact("Gone", { EMAIL });
    crm.simulator.control.edit({ action: "delete_contact", contact_id: gone });
    const other = await contact("Other", { EMAIL });
    known.person = linkedTo(gone);
    const { choice, warnings } = await find();
    expect(choice).toMatchObject({ contact_id: other, contact_why: "email" });
    expect(warnings).toEqual([expect.stringContaining(`Contact ${gone} was deleted`)]);
  });

  it("asks for nothing twice, and writes nothing", async () => {
    const id = await contact("Ada", { EMAIL });
    await deal(id, sales.pipeline, sales.fresh);
    const before = crm.requests().length;
    known.own_phone_key = PHONE;
    await find();
    expect(crm.requests().slice(before)).toEqual([
      "GET /api/v4/contacts",
      "GET /api/v4/contacts",
      "GET /api/v4/leads/pipelines",
      `GET /api/v4/leads/${(crm.simulator.state.deals()[0] as { id: number }).id}`,
    ]);
    expect(store.writes).toEqual([]);
  });

  it("tells what we know and the reason when amoCRM does not answer", async () => {
    crm.simulator.control.addFaults({ kind: "unpaid" });
    known.rows = [lead("site")];
    const answer = await find();
    expect(answer).toMatchObject({ known: { rows: [{ source: "site" }] }, contacts: [], choice: null });
    expect(answer.reason).toMatch(/402/);
  });

  it.each([
    [{}, false],
    [{ email: EMAIL, lead: "00000000-0000-4000-8000-000000000000" }, false],
    [{ lead: "12" }, false],
    [{ email: EMAIL, phone: PHONE }, true],
  ])("takes %j: %s", (order, isTaken) => {
    expect(FindRequest.safeParse({ action: "find", ...order }).success).toBe(isTaken);
  });
});
