import { describe, expect, it } from "vitest";
import { ODD_MEMBERS, type OddKind } from "#dev/amocrm-simulator/account/oddities.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import type { AmocrmClient } from "#shared/amocrm/api/client-port.ts";
import type { Page } from "#shared/amocrm/api/entities.ts";
import type { Answer } from "#shared/amocrm/api/verdict.ts";
import { jsonWithOdd, ODD_JSON } from "../../support/odd-json.ts";
import { transportTo } from "../support/transport.ts";

/** A client that is answered this text, whatever it asks. */
function answered(body: string): AmocrmClient {
  return createAmocrmClient(transportTo({ fetch: async () => new Response(body) }));
}

const entity = (id: number) => ({
  id,
  name: `N${id}`,
  price: 100,
  pipeline_id: 1,
  status_id: 2,
  created_at: 1_900_000_000,
  updated_at: 1_900_000_000 - id,
  closed_at: null,
  responsible_user_id: 3,
  is_deleted: false,
  custom_fields_values: [
    { field_id: 5, field_code: "EMAIL", values: [{ value: "a@b.example", enum_id: 1 }] },
  ],
  _embedded: {
    leads: [{ id: 8 }],
    companies: [{ id: 9 }],
    contacts: [{ id: 7, is_main: true }],
    tags: [{ name: "t" }],
  },
});
const ROWS: Readonly<Record<OddKind, (id: number) => object>> = {
  contacts: entity,
  leads: entity,
  users: (id) => ({ id, name: `U${id}`, rights: { is_active: true } }),
  pipelines: (id) => ({
    id,
    name: `P${id}`,
    sort: id,
    is_main: false,
    is_archive: false,
    _embedded: { statuses: [{ id: 10 * id, name: "S", sort: 1, type: 0 }] },
  }),
  custom_fields: (id) => ({
    id,
    name: `F${id}`,
    code: null,
    type: "text",
    enums: [{ id: 1, value: "a", code: null }],
  }),
};
const LISTS: Readonly<
  Record<OddKind, (client: AmocrmClient) => Promise<Answer<Page<{ id: number }> | { id: number }[]>>>
> = {
  contacts: (client) => client.searchContacts("x"),
  leads: (client) => client.dealsPage(1),
  users: (client) => client.users(1),
  pipelines: (client) => client.pipelines(),
  custom_fields: (client) => client.customFields("leads", 1),
};

function listWith(kind: OddKind, member: string, json: string): string {
  const row = ROWS[kind];
  const list = { _links: {}, _embedded: { [kind]: [row(1), row(2), row(3)] } };
  return jsonWithOdd(list, ["_embedded", kind, "1", ...(member === "" ? [] : member.split("."))], json);
}

describe.each(Object.keys(ODD_MEMBERS) as OddKind[])("a list of %s", (kind) => {
  it.each(ODD_MEMBERS[kind])(
    "keeps its other rows, and can be stored, whatever stands as %j of one",
    async (member) => {
      for (const json of ODD_JSON) {
        const answer = await LISTS[kind](answered(listWith(kind, member, json)));
        if (answer.verdict !== "delivered") throw new Error(`${json.slice(0, 60)}: ${answer.fault.message}`);
        const rows = Array.isArray(answer.value) ? answer.value : answer.value.rows;
        expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 3]));
        expect(rows.length + (answer.exchange.droppedCount ?? 0)).toBe(3);
        expect(JSON.stringify(rows)).not.toMatch(/\\u0000|\\ud[89a-f]|Infinity/i);
      }
    },
  );
});

describe.each([
  ["contacts", (client: AmocrmClient) => client.readContact(2)],
  ["leads", (client: AmocrmClient) => client.readDeal(2)],
] as const)("one of %s, read by its id", (kind, read) => {
  it.each(ODD_MEMBERS[kind].filter((member) => member !== ""))(
    "is read whatever stands as its %j",
    async (member) => {
      for (const json of ODD_JSON) {
        const body = jsonWithOdd(entity(2), member.split("."), json);
        const answer = await read(answered(body));
        const isAnotherId = member === "id" && /^"?\d+"?$/.test(json) && json !== "0";
        expect(answer).toMatchObject({ verdict: "delivered", value: isAnotherId ? {} : { id: 2 } });
      }
    },
  );
});

describe("the answer to a batch", () => {
  const items = [1, 2, 3].map((id) => ({ requestId: `r${id}`, deal: { name: "D" }, contactIds: [id] }));
  it.each(["id", "request_id", "merged", "contact_id", ""])(
    "tells of the other items, whatever stands as %j of one",
    async (member) => {
      for (const json of ODD_JSON) {
        const rows = [1, 2, 3].map((id) => ({
          id,
          contact_id: 10 + id,
          merged: false,
          request_id: [`r${id}`],
        }));
        const place = ["1", ...(member === "" ? [] : [member])];
        const complex = answered(jsonWithOdd(rows, place, json));
        const created = await complex.createDealsWithContacts(
          items.map((item) => ({ ...item, contact: {} })),
        );
        if (created.verdict !== "delivered")
          throw new Error(`${json.slice(0, 60)}: ${created.fault.message}`);
        expect([...created.value.created.keys()]).toEqual(expect.arrayContaining(["r1", "r3"]));
        const list = jsonWithOdd({ _embedded: { leads: rows } }, ["_embedded", "leads", ...place], json);
        expect(await answered(list).createDeals(items)).toMatchObject({ verdict: "delivered" });
        const changes = [1, 3].map((id) => ({ requestId: `r${id}`, id, deal: {} }));
        const updated = await answered(list).updateDeals(changes);
        expect(updated).toMatchObject({ verdict: "delivered", value: { missing: [] } });
      }
    },
  );
});

it("no list of anything makes the client throw", async () => {
  for (const json of ODD_JSON) {
    for (const body of [
      json,
      `{"_embedded":${json}}`,
      `{"_embedded":{"contacts":${json}}}`,
      `{"_links":${json}}`,
    ]) {
      const client = answered(body);
      for (const answer of [
        await client.searchContacts("x"),
        await client.account(),
        await client.users(1),
      ]) {
        expect(["delivered", "retry"]).toContain(answer.verdict);
      }
    }
  }
});
