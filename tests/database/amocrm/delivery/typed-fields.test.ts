import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { FIELD_TYPES } from "#dev/amocrm-simulator/account/models.ts";
import { isFillable } from "#shared/amocrm/rules/field-values.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const { leadId, tariff, interests, isPartner: partner, budget } = SEED_IDS.dealFields;
const FIELDS = "/api/v4/leads/custom_fields";
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${leadId}),
    ('deal', 'metadata.tariff', ${tariff}), ('deal', 'metadata.interests', ${interests}),
    ('deal', 'metadata.partner', ${partner}), ('deal', 'metadata.budget', ${budget})`;
});

interface Shown {
  custom_fields_values: { field_id: number; values: { value: unknown }[] }[] | null;
}
const fieldOf = (fieldId: number) =>
  (account.simulator.state.deals().at(-1) as unknown as Shown).custom_fields_values
    ?.find((field) => field.field_id === fieldId)
    ?.values.map(({ value }) => value) ?? null;
const noteText = () => {
  const note = account.simulator.state.notes().at(-1) as { params: { text: string } } | undefined;
  return note?.params.text.split("\n").slice(0, -1) ?? [];
};
const lead = (metadata: object) => ({ full_name: "Ada", email: "ada@example.com", metadata });
const choices = (account_: Account, id: number) =>
  account_.get(FIELDS).then((list) => {
    const { _embedded } = list as {
      _embedded: { custom_fields: { id: number; enums: { value: string }[] }[] };
    };
    return _embedded.custom_fields.find((field) => field.id === id)?.enums.map(({ value }) => value) ?? [];
  });

test("what a form sends arrives in the form its field takes, in one request, without a note", async () => {
  const [first = "", second = ""] = await choices(account, interests);
  const [plan = ""] = await choices(account, tariff);
  const metadata = {
    tariff: ` ${plan.toUpperCase()} `,
    interests: [first, second.toLowerCase()],
    partner: "on",
    budget: "50 000,50 ₸",
  };
  await insertLeads(sql, [lead(metadata)]);
  await account.drain();
  expect(await messages(sql)).toMatchObject([{ state: "delivered", warnings: [] }]);
  expect([tariff, interests, partner, budget].map(fieldOf)).toEqual([
    [plan],
    [first, second],
    [true],
    ["50000.50"],
  ]);
  expect(noteText()).toEqual([]);
  expect(account.requests().filter((request) => request === `POST /api/v4/leads/complex`)).toHaveLength(1);
});

test("what does not fit is in the note, with a warning, and no request is refused for it", async () => {
  const [first = ""] = await choices(account, interests);
  await insertLeads(sql, [
    lead({ tariff: "Gold", interests: [first, "Chess"], partner: "maybe", budget: "a lot" }),
  ]);
  await account.drain();
  const [message] = await messages(sql);
  expect(message).toMatchObject({ state: "delivered" });
  expect(((message?.warnings ?? []) as { code: string }[]).map(({ code }) => code)).toEqual(
    Array(4).fill("field_refused"),
  );
  expect([tariff, interests, partner, budget].map(fieldOf)).toEqual([null, [first], null, null]);
  expect(noteText().toSorted()).toEqual([
    "budget: a lot",
    'interests: ["Chess"]',
    "partner: maybe",
    "tariff: Gold",
  ]);
  expect(account.simulator.log.entries().filter(({ status }) => status === 400)).toEqual([]);
});

test("the fields are read once a day, and after a mapping was changed", async () => {
  const reads = () => account.requests().filter((request) => request === `GET ${FIELDS}`).length;
  const leave = async (name: string) => {
    await insertLeads(sql, [{ full_name: name, email: `${name}@example.com`, metadata: { partner: "on" } }]);
    await account.drainAfter(MINUTE_MS);
  };
  await leave("a");
  await leave("b");
  expect(reads()).toBe(1);
  await sql`update amocrm_fields set path = 'metadata.friend' where path = 'metadata.tariff'`;
  await leave("c");
  expect(reads()).toBe(2);
  await account.drainAfter(24 * 60 * MINUTE_MS);
  await leave("d");
  expect(reads()).toBe(3);
});

test("an account that does not tell its fields still gets its leads, as they are", async () => {
  account.simulator.control.addFaults({ kind: "forbidden", method: "GET", path: FIELDS });
  await insertLeads(sql, [lead({ budget: "1500", partner: "on" })]);
  await account.drain();
  expect(await messages(sql)).toMatchObject([{ state: "delivered", warnings: [{ code: "field_refused" }] }]);
  expect(fieldOf(budget)).toEqual(["1500"]);
  expect(noteText()).toEqual(["partner: on"]);
});

test("a value for each type of field there is: none keeps the lead out, what no field takes is in the note", async () => {
  const made = (await account.post(
    FIELDS,
    FIELD_TYPES.map((type) => ({ name: type, type, enums: [{ value: "31.01.2026", sort: 1 }] })),
  )) as { _embedded: { custom_fields: { id: number; type: string }[] } };
  for (const { id, type } of made._embedded.custom_fields)
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', ${`metadata.x_${type}`}, ${id})`;
  const metadata = Object.fromEntries(FIELD_TYPES.map((type) => [`x_${type}`, "31.01.2026"]));
  await insertLeads(sql, [lead(metadata)]);
  await account.drain();
  expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
  const left = [
    "numeric",
    "monetary",
    "price",
    "checkbox",
    ...FIELD_TYPES.filter((type) => !isFillable(type)),
  ];
  expect(noteText().toSorted()).toEqual(left.map((type) => `x_${type}: 31.01.2026`).toSorted());
  expect(account.simulator.log.entries().filter(({ status }) => status === 400)).toEqual([]);
});
