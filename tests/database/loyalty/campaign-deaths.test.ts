import { beforeEach, describe, expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { MINUTE_MS, SECOND_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Death, openUnisenderOffice, type UnisenderOffice } from "../support/unisender-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
beforeEach(() => configureVault(superuser));

const PEOPLE = 20;
/** How often a process comes to each point before it dies there: in the deep run also at a later time. */
const TIMES = sized(1, 3);
const TICK_MS = sized(150, 60) * SECOND_MS;

/** What the drain makes, here or there, from the first member to the end of a campaign: where the gate lets it die. */
const MADE = [
  "createList",
  "unisender_list_store",
  "importContacts",
  "unisender_drain_settle",
  "createEmailMessage",
  "unisender_campaign_draft",
  "unisender_campaign_intend",
  "createCampaign",
  "unisender_record_look",
];
/** And what it only asks or takes for itself. */
const ASKED = [
  ...MADE,
  "unisender_drain_begin",
  "unisender_drain_claim",
  "outbox_reserve_slot",
  "getLists",
  "unisender_looks_due",
  "exportContacts",
  "unisender_unsubscribed_read",
  "getCampaignStatus",
  "outbox_end",
  "outbox_look_again",
];
/** And what it asks once the answer to createCampaign was lost. */
const ASKED_IN_DOUBT = [
  "outbox_report_fault",
  "outbox_report_answer",
  "getCampaigns",
  "getCampaignCommonStats",
];
/** Between these nobody can know whether the request left, so it is never sent again. */
const UNKNOWABLE = ["after unisender_campaign_intend", "before createCampaign"];

const pointsOf = (names: readonly string[]): string[] =>
  names.flatMap((name) => [`before ${name}`, `after ${name}`]);

interface Life {
  death?: Death;
  /** Unisender makes the campaign, and never answers. */
  losesAnswer?: boolean;
}

/** A campaign from joining to its end, by processes of which one may die. */
async function live({ death, losesAnswer = false }: Life): Promise<{ office: UnisenderOffice; id: string }> {
  const office = await openUnisenderOffice(database, death === undefined ? {} : { death });
  if (losesAnswer)
    office.unisender.failBy((method) =>
      method === "createCampaign" && office.unisender.requestCount(method) === 1
        ? { kind: "silence" }
        : undefined,
    );
  await office.join(PEOPLE);
  const id = await office.confirm();
  await office.pass(50 * MINUTE_MS, TICK_MS);
  return { office, id };
}

/** Everybody got it once, and Unisender knows everybody once. */
async function expectOneCampaign(office: UnisenderOffice, id: string): Promise<void> {
  const campaigns = office.unisender.campaigns();
  expect(campaigns.map(({ state }) => state)).toEqual(["completed"]);
  expect(campaigns[0]?.recipients?.toSorted()).toEqual(office.listed());
  expect(office.listed()).toHaveLength(PEOPLE);
  expect(await office.campaign(id)).toMatchObject({
    state: "completed",
    problem: null,
    expected_count: PEOPLE,
    counted: PEOPLE,
  });
  expect(await sql`select state, count(*)::int as count from unisender_outbox group by 1`).toEqual([
    { state: "delivered", count: PEOPLE + 1 },
  ]);
  expect(office.unisender.requestCount("createList")).toBe(1);
}

/** Nothing went, nothing more goes, and a person is told. */
async function expectDoubt(office: UnisenderOffice, id: string): Promise<void> {
  expect(office.unisender.campaigns()).toEqual([]);
  expect(await office.campaign(id)).toMatchObject({ state: "uncertain" });
  expect(await sql`select code from amocrm.unisender_conditions()`).toEqual([{ code: "unisender_campaign" }]);
}

describe("a campaign goes once although its process dies", () => {
  const deaths = pointsOf(ASKED.slice(0, sized(MADE.length, ASKED.length))).flatMap((point) =>
    Array.from({ length: TIMES }, (_, place) => ({ point, time: place + 1 })),
  );
  // What has been settled of contacts comes first; the campaign's own turn is the second.
  const ofCampaign = pointsOf(["unisender_drain_settle"]).map((point) => ({ point, time: 2 }));
  test.each(TIMES > 1 ? deaths : [...deaths, ...ofCampaign])("$point, time $time", async (death) => {
    const { office, id } = await live({ death });
    const times = office.points.filter((point) => point === death.point).length;
    // A point to which it comes once only says nothing of later times.
    if (death.time === 1) expect(times).toBeGreaterThan(0);
    if (UNKNOWABLE.includes(death.point) && times >= death.time) await expectDoubt(office, id);
    else await expectOneCampaign(office, id);
  });
});

describe("and although the answer that made it was lost, and then its process dies", () => {
  test.each(pointsOf(ASKED_IN_DOUBT).map((point) => ({ point, time: 1 })))("$point", async (death) => {
    const { office, id } = await live({ death, losesAnswer: true });
    expect(office.points).toContain(death.point);
    await expectOneCampaign(office, id);
  });
});

test("all points at which a process can die are among these", async () => {
  const { office } = await live({ losesAnswer: true });
  const known = pointsOf([...ASKED, ...ASKED_IN_DOUBT]);
  expect([...new Set(office.points)].filter((point) => !known.includes(point))).toEqual([]);
});
