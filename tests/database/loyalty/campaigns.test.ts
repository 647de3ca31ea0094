import { beforeEach, describe, expect, test } from "vitest";
import { drawn } from "../../support/sizes.ts";
import { MINUTE_MS, SECOND_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Mutation, openUnisenderOffice, type UnisenderOffice } from "../support/unisender-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const HOUR_MS = 60 * MINUTE_MS;
let office: UnisenderOffice;

beforeEach(async () => {
  await configureVault(superuser);
  office = await openUnisenderOffice(database);
});

describe("a campaign", () => {
  test("goes to its frozen audience once it is confirmed, imported first, and shows Unisender's own words", async () => {
    await office.join(20);
    const [row] = await office.service`select loyalty_campaign_create(null, 'News', '<p>Hello</p>') as id`;
    const id = String(row?.["id"]);
    const [preview] = await office.service`select * from loyalty_campaign_preview(${id})`;
    expect(preview).toMatchObject({
      recipient_count: 20,
      left_out_count: 0,
      subject: "News",
      state: "draft",
    });
    expect(preview?.["sample"][0]).toBe("g***@e***");
    await office.pass(30 * MINUTE_MS);
    expect(office.unisender.campaigns()).toEqual([]);
    expect(await office.service`select loyalty_campaign_confirm(${id}) as count`).toEqual([{ count: 20 }]);
    expect(await office.service`select loyalty_campaign_confirm(${id}) as count`).toEqual([{ count: 20 }]);
    // Who comes later is no part of it, and who withdraws before it begins gets nothing.
    await office.join(3, "late");
    await office.service`select message_withdraw('guest7@example.com')`;
    await office.pass(3 * MINUTE_MS);
    expect((await office.campaign(id))?.["state"]).toMatch(/^(?:waits_censor|scheduled)$/);
    await office.service`select message_withdraw('guest8@example.com')`;
    await office.pass(20 * MINUTE_MS);
    expect(await office.campaign(id)).toEqual({
      state: "completed",
      problem: null,
      expected_count: 19,
      counted: 19,
    });
    const [sent] = office.unisender.campaigns();
    expect(sent?.recipients).toHaveLength(18);
    expect(sent?.recipients).not.toContain("guest7@example.com");
    expect(sent?.recipients).not.toContain("guest8@example.com");
  });

  test("of a segment reaches that segment alone, and one an hour is created", async () => {
    await office.join(6);
    await sql`insert into loyalty_rfm (member_id, recency_score, frequency_score, monetary_score, segment, recency_days, frequency, monetary, computed_at)
      select id, 5, 5, 5, case when row_number() over (order by id) <= 2 then 'champions' else 'loyal' end, 1, 1, 1, amocrm.clock() from loyalty_members`;
    const first = await office.confirm("champions");
    const second = await office.confirm("loyal");
    await office.pass(50 * MINUTE_MS, 30 * SECOND_MS);
    expect(office.unisender.campaigns().map(({ recipients }) => recipients?.length)).toEqual([2]);
    expect((await office.campaign(second))?.["state"]).toBe("confirmed");
    await office.pass(40 * MINUTE_MS, 30 * SECOND_MS);
    expect(office.unisender.campaigns().map(({ recipients }) => recipients?.length)).toEqual([2, 4]);
    expect([(await office.campaign(first))?.["state"], (await office.campaign(second))?.["state"]]).toEqual([
      "completed",
      "completed",
    ]);
  });

  test.each([
    ["lost", { kind: "reset", isTaken: true }],
    ["never came", { kind: "silence" }],
  ] as const)("whose answer %s is found and not created again", async (_, fault) => {
    await office.join(5);
    office.unisender.failBy((method) => (method === "createCampaign" ? fault : undefined));
    const id = await office.confirm();
    await office.pass(30 * MINUTE_MS);
    expect(office.unisender.requestCount("getCampaigns")).toBeGreaterThan(0);
    expect(office.unisender.campaigns()).toHaveLength(1);
    expect(office.unisender.requestCount("createCampaign")).toBe(1);
    expect(await office.campaign(id)).toEqual({
      state: "completed",
      problem: null,
      expected_count: 5,
      counted: 5,
    });
  });

  test("that is not to be found stays uncertain, and a person is told", async () => {
    await office.join(5);
    office.unisender.failBy((method) =>
      method === "createCampaign" ? { kind: "reset", isTaken: false } : undefined,
    );
    const id = await office.confirm();
    await office.pass(3 * HOUR_MS, MINUTE_MS);
    expect(office.unisender.campaigns()).toEqual([]);
    expect(office.unisender.requestCount("createCampaign")).toBe(1);
    expect(await office.campaign(id)).toMatchObject({ state: "uncertain" });
    expect(await office.service`select error_code from unisender_dead_letters`).toEqual([
      { error_code: "unisender_outcome_unknown" },
    ]);
    expect(await sql`select code from amocrm.unisender_conditions()`).toEqual([
      { code: "unisender_campaign" },
    ]);
    // Requeued by somebody who did not read it is looked for again, and not created.
    await office.service`select amocrm_requeue((select id from unisender_dead_letters))`;
    await office.pass(HOUR_MS, MINUTE_MS);
    expect(office.unisender.requestCount("createCampaign")).toBe(1);
  });

  test("that is counted otherwise is canceled while it can be, also after a lost answer", async () => {
    await office.join(100);
    office.unisender.miscount((count) => count - 3);
    const id = await office.confirm();
    await office.pass(2 * MINUTE_MS);
    expect(await office.campaign(id)).toEqual({
      state: "canceled_count_differs",
      problem: "Unisender counted 97 recipients, and 100 contacts were accepted: it is canceled",
      expected_count: 100,
      counted: 97,
    });
    office.unisender.failBy((method) =>
      method === "createCampaign" ? { kind: "reset", isTaken: true } : undefined,
    );
    office.unisender.miscount(() => 0);
    const other = await office.confirm();
    await office.pass(70 * MINUTE_MS, 30 * SECOND_MS);
    expect((await office.campaign(other))?.["state"]).toBe("canceled_count_differs");
    expect(office.unisender.campaigns().map(({ recipients }) => recipients)).toEqual([null, null]);
  });

  test("shows what moderators do, and is told of", async () => {
    await office.join(3);
    office.unisender.censor("hold");
    const held = await office.confirm();
    await office.pass(5 * MINUTE_MS);
    expect(await office.campaign(held)).toMatchObject({
      state: "censor_hold",
      problem: "Unisender's moderators hold it",
    });
    office.unisender.censor("decline");
    await office.service`select loyalty_campaign_cancel(${held})`;
    await office.pass(MINUTE_MS);
    expect((await office.campaign(held))?.["state"]).toBe("canceled");
    const declined = await office.confirm();
    await office.pass(70 * MINUTE_MS, 30 * SECOND_MS);
    expect(await office.campaign(declined)).toMatchObject({ state: "declined" });
    const unsent = await office.confirm();
    await office.service`select loyalty_campaign_cancel(${unsent})`;
    await office.pass(2 * HOUR_MS, MINUTE_MS);
    expect((await office.campaign(unsent))?.["state"]).toBe("canceled");
    expect(office.unisender.campaigns()).toHaveLength(2);
  });

  const BROKEN_SENDERS: readonly [what: string, mutate: Mutation][] = [
    [
      "takes a lost answer for a request that never left",
      (service) => ({
        ...service,
        async createCampaign(messageId, startAtMs) {
          const answer = await service.createCampaign(messageId, startAtMs);
          return "fault" in answer && answer.verdict === "uncertain"
            ? { verdict: "retry", fault: { ...answer.fault, isSent: false } }
            : answer;
        },
      }),
    ],
    [
      "never finds what it looks for",
      (service) => ({
        ...service,
        findCampaign: async () => ({
          verdict: "rejected",
          fault: { code: "unisender_refused", causeCode: null, message: "", waitMs: null, isSent: true },
        }),
      }),
    ],
  ];
  test.each(drawn(BROKEN_SENDERS, 1))("a sender that %s would be noticed", async (_, mutate) => {
    office = await openUnisenderOffice(database, { mutate });
    await office.join(5);
    let isLost = false;
    office.unisender.failBy((method) => {
      if (method !== "createCampaign" || isLost) return undefined;
      isLost = true;
      return { kind: "reset", isTaken: true };
    });
    const id = await office.confirm();
    await office.pass(90 * MINUTE_MS, 30 * SECOND_MS);
    const state = await office.campaign(id);
    expect([office.unisender.requestCount("createCampaign"), state?.["state"]]).not.toEqual([1, "completed"]);
  });

  test("is by an admin alone, to a segment that there is and to somebody", async () => {
    await expect(office.service`select loyalty_campaign_create('nobody', 'News', 'text')`).rejects.toThrow(
      "p_segment is no segment",
    );
    const [row] = await office.service`select loyalty_campaign_create(null, 'News', 'text') as id`;
    await expect(office.service`select loyalty_campaign_confirm(${row?.["id"]})`).rejects.toThrow(
      "nobody would get this campaign",
    );
    expect((await office.campaign(String(row?.["id"])))?.["state"]).toBe("draft");
  });
});
