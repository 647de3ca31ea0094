import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Contact, Deal, Pipeline } from "#shared/amocrm/api/entities.ts";
import { oneByOne } from "#shared/amocrm/drain/one-by-one.ts";
import type { Fact, Settlement } from "#shared/amocrm/drain/port.ts";
import { settleEach } from "#shared/amocrm/drain/settle-each.ts";
import { createOutboxStore } from "#shared/amocrm/drain/store.ts";
import type { Position } from "#shared/amocrm/pull/position.ts";
import { createPullStore } from "#shared/amocrm/pull/store.ts";
import { createLease } from "#shared/outbox/lease-store.ts";
import { parseJson } from "#shared/platform/json.ts";
import { jsonWithOdd, ODD_JSON } from "../../../unit/support/odd-json.ts";
import { NOON, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages, strangers } from "../../support/leads.ts";
import { contactRow, dealRow, openPuller } from "../../support/puller.ts";
import { openRpc } from "../../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);
const outbox = createOutboxStore(rpc);

/** The row with each odd value as one of its members, as something that has been parsed from outside. */
function oddOnes<Row extends { id: number }>(row: (id: number) => Row, member: string): Row[] {
  return ODD_JSON.map((json, index) => parseJson(jsonWithOdd(row(1_000 + index), [member], json)) as Row);
}
/** Odd rows, each between two ordinary ones. */
const amid = <Row>(odd: readonly Row[], ordinary: (id: number) => Row): Row[] =>
  odd.flatMap((row, index) => [ordinary(index + 1), row]).concat(ordinary(odd.length + 1));
const ordinaryIds = Array.from({ length: ODD_JSON.length + 1 }, (_, index) => index + 1);
const contact = (id: number): Contact => ({ ...contactRow(id, 1000), fields: [] }) as unknown as Contact;
const deal = (id: number): Deal => ({ ...dealRow(id, 1000), fields: [], tags: [] }) as unknown as Deal;
const idsOf = async (table: "contacts" | "deals"): Promise<number[]> =>
  (table === "contacts"
    ? await sql`select amocrm_contact_id::int as id from amocrm.contacts where amocrm_contact_id < 1000 order by 1`
    : await sql`select amocrm_deal_id::int as id from amocrm_deals where amocrm_deal_id < 1000 order by 1`
  ).map(({ id }) => id);
/** Rows that are neither stored nor set aside. */
const lost = async (entity: "contact" | "deal"): Promise<number[]> =>
  (
    await sql`select id from generate_series(1000, ${999 + ODD_JSON.length}) as odd (id)
      where not exists (select from amocrm.contacts where ${entity} = 'contact' and amocrm_contact_id = id)
        and not exists (select from amocrm_deals where ${entity} = 'deal' and amocrm_deal_id = id)
        and not exists (select from amocrm.set_aside where set_aside.entity = ${entity} and amocrm_id = id)`
  ).map(({ id }) => id);

const SHARED_MEMBERS = [
  "name",
  "responsibleUserId",
  "companyId",
  "rawFields",
  "createdAt",
  "updatedAt",
  "isDeleted",
];
const POSITION: Position = {
  kind: "first",
  startedAt: 1,
  changedFrom: 0,
  deletedFrom: 0,
  clockOffset: 0,
  limit: 250,
  hasWalked: false,
  isUnordered: false,
  phase: "through",
};

describe("rows with an odd member, each between ordinary ones", () => {
  test.each([...SHARED_MEMBERS, "dealIds"])(
    "a look stores the others, whatever stands as %s",
    async (member) => {
      await setTestClock(NOON, sql, service);
      await outbox.storeLook(amid(oddOnes(contact, member), contact), noonPlus(60_000).toISOString());
      expect(await idsOf("contacts")).toEqual(ordinaryIds);
      expect(await lost("contact")).toEqual([]);
    },
  );

  test.each([...SHARED_MEMBERS, "price", "pipelineId", "statusId", "closedAt", "contacts"])(
    "a page of deals stores the others, whatever stands as %s",
    async (member) => {
      await sql`update amocrm.cursors set pulled_at = ${NOON} where entity = 'contact'`;
      const puller = openPuller(database);
      await setTestClock(NOON, puller.sql, service);
      const { pull } = await puller.begin();
      expect(pull.entity).toBe("deal");
      const rows = amid(oddOnes(deal, member), deal);
      const page = { rows, position: POSITION, asked: [], pagesLeft: 0 };
      expect(await createPullStore(rpc).page(puller.token, pull.id, page)).toMatchObject({
        isRefused: false,
      });
      expect(await idsOf("deals")).toEqual(ordinaryIds);
      expect(await lost("deal")).toEqual([]);
      expect(await sql`select page_count from amocrm.pulls`).toEqual([{ page_count: 1 }]);
    },
  );

  const pipeline = (id: number): Pipeline => ({
    id,
    name: `P${id}`,
    sort: id,
    isMain: false,
    isArchive: false,
    stages: [{ id: 10 * id, name: "S", sort: 1, isUnsorted: false }],
  });
  test.each(["id", "name", "sort", "isMain", "isArchive", "stages"])(
    "the pipelines are stored without it at worst, whatever stands as %s, and messages are claimed",
    async (member) => {
      await outbox.storePipelines(amid(oddOnes(pipeline, member), pipeline));
      const stored =
        await sql`select pipeline_id::int as id from amocrm.pipelines where pipeline_id < 1000 order by 1`;
      expect(stored.map(({ id }) => id)).toEqual(expect.arrayContaining(ordinaryIds));
      expect(stored.length).toBeGreaterThanOrEqual(ordinaryIds.length);
      await insertLeads(sql, strangers(1));
      const token = randomUUID();
      await createLease(rpc, "amocrm").begin(token);
      expect((await outbox.claim(token, 10)).messages).toHaveLength(1);
    },
  );
});

describe("what is told of three messages, of one with an odd member", () => {
  async function claimThree(): Promise<string> {
    await insertLeads(sql, strangers(3));
    const token = randomUUID();
    await createLease(rpc, "amocrm").begin(token);
    await outbox.claim(token, 10);
    return token;
  }
  const settlement = (id: number): Settlement => ({
    id,
    verdict: "delivered",
    policy: null,
    isSent: true,
    toldWaitMs: null,
    jitter: 0.5,
    code: null,
    message: null,
    loneOperation: null,
    answered: [],
    failedInCompany: false,
    contactId: id,
    dealId: id,
    progress: {},
    warnings: [],
    duplicates: [],
  });
  const fact = (id: number): Fact => ({ id, progress: {}, contactId: id, dealId: id, makesContact: true });
  const states = async () => (await messages(sql)).map(({ state }) => state);

  test.each([
    "progress",
    "warnings",
    "duplicates",
    "contactId",
    "dealId",
    "message",
    "code",
    "policy",
    "answered",
    "loneOperation",
    "spendsAttempt",
  ])("the others are settled, and it as well or as stumbled over, whatever stands as %s", async (member) => {
    const token = await claimThree();
    for (const json of ODD_JSON) {
      await sql`update amocrm.outbox set state = 'leased', lease_token = ${token}, leased_at = amocrm.clock(),
        delivered_at = null, is_head = true, attempt_count = 0, error_count = 0, progress = '{}', warnings = '[]', amocrm_contact_id = null, amocrm_deal_id = null
        where queue = 'amocrm'`;
      const odd = parseJson(jsonWithOdd(settlement(2), [member], json)) as Settlement;
      const rows = [settlement(1), member === "duplicates" ? withDuplicates(odd) : odd, settlement(3)];
      expect((await settleEach(outbox, token, rows)).size, `${member}: ${json.slice(0, 60)}`).toBe(3);
      expect(await states()).toEqual([
        "delivered",
        expect.stringMatching(/^(delivered|pending)$/),
        "delivered",
      ]);
    }
  });
  /** What is no list of duplicates cannot come this far: its members may be odd. */
  function withDuplicates(row: Settlement): Settlement {
    const odd = row.duplicates as unknown as number;
    return { ...row, duplicates: [{ type: "contact", keptId: odd, otherId: 5, reason: "r" }] };
  }

  test.each(["progress", "contactId", "dealId", "puts", "takesOff", "seenEmails", "yieldsPhoneTo"])(
    "the others are recorded, whatever stands as %s",
    async (member) => {
      const token = await claimThree();
      for (const json of ODD_JSON) {
        await sql`update amocrm.outbox set progress = '{}', amocrm_contact_id = null, amocrm_deal_id = null
          where queue = 'amocrm'`;
        const odd = parseJson(jsonWithOdd(fact(2), [member], json)) as Fact;
        const refused = await oneByOne([fact(1), odd, fact(3)], (some) => outbox.record(token, some));
        expect(
          refused.map(({ row }) => row.id).filter((id) => id !== 2),
          json.slice(0, 60),
        ).toEqual([]);
        const recorded =
          await sql`select amocrm_contact_id::int as id from amocrm.outbox where id in (1, 3) order by id`;
        expect(recorded.map(({ id }) => id)).toEqual([1, 3]);
      }
    },
  );

  test("the same twice in one call is told once", async () => {
    const token = await claimThree();
    await outbox.record(token, [fact(1), fact(1)]);
    expect((await outbox.settle(token, [settlement(1), settlement(1), settlement(2)])).size).toBe(2);
    expect(await states()).toEqual(["delivered", "delivered", "leased"]);
    await outbox.storeLook([contact(7), contact(7)], null as never);
    await outbox.storePipelines([]);
    expect(await idsOf("contacts")).toContain(7);
  });
});
