import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { ANON, openDataApi } from "../support/roles.ts";

const database = await useDatabase();
const runAs = openDataApi(database);

const reachable = { email: "a@example.com" };
const tooLong = (column: string, limit: number) => ({
  row: { ...reachable, [column]: "ж".repeat(limit + 1) },
  message: `${column} is longer than ${limit} characters`,
  constraint: `${column}_is_not_too_long`,
});
const NO_ADDRESS = { message: "email is not an e-mail address", constraint: "email_is_an_address" };
const UNREACHABLE = {
  message: "neither an e-mail address nor a phone number was given",
  constraint: "lead_can_be_reached",
};

const REFUSALS: { row: Record<string, unknown>; message: string; constraint: string }[] = [
  { row: { email: "a@example" }, ...NO_ADDRESS },
  { row: { email: "no address", phone: "+77001112233" }, ...NO_ADDRESS },
  { row: { email: "a@b@example.com" }, ...NO_ADDRESS },
  { row: { full_name: "Ann" }, ...UNREACHABLE },
  { row: { email: " \u200b\u00a0", phone: "" }, ...UNREACHABLE },
  { row: { phone: "123" }, ...UNREACHABLE },
  { row: { phone: "позвоните мне" }, ...UNREACHABLE },
  tooLong("full_name", 500),
  { ...tooLong("email", 320), row: { email: `${" ".repeat(308)}a@example.com`, phone: "+77001112233" } },
  tooLong("phone", 64),
  tooLong("source", 200),
  tooLong("utm_source", 1000),
  tooLong("utm_medium", 1000),
  tooLong("utm_campaign", 1000),
  tooLong("utm_content", 1000),
  tooLong("utm_term", 1000),
  {
    row: { ...reachable, metadata: [1] },
    message: "metadata is not a JSON object",
    constraint: "metadata_is_an_object",
  },
  {
    row: { ...reachable, metadata: "a" },
    message: "metadata is not a JSON object",
    constraint: "metadata_is_an_object",
  },
  {
    row: { ...reachable, metadata: { text: "x".repeat(16_384) } },
    message: "metadata is larger than 16384 bytes",
    constraint: "metadata_is_not_too_large",
  },
];

describe.each(["landing_leads", "unified_lead_tracking"])("%s", (table) => {
  const insert = (row: Record<string, unknown>) =>
    runAs(ANON, (anon) => {
      const columns = Object.keys(row);
      return anon`insert into ${anon(table)} (${anon(columns)})
        select ${anon(columns)} from jsonb_populate_record(null::public.landing_leads, ${JSON.stringify(row)}::text::jsonb)`;
    });

  test.each(REFUSALS)("refuses with 23514: $message", async ({ row, message, constraint }) => {
    const error = await errorOf(insert(row));
    expect(error).toMatchObject({ code: "23514", message, constraint_name: constraint, table_name: table });
    // What a person typed belongs neither into the error nor into the server's log.
    expect(`${error.message} ${error.detail ?? ""} ${error.hint ?? ""}`).not.toContain("example.com");
  });

  test.each([
    { name: "the longest name", row: { ...reachable, full_name: "ж".repeat(500) } },
    { name: "metadata that is JSON null", row: { ...reachable, metadata: null } },
    { name: "a phone alone", row: { phone: "8 912 111 26 48" } },
    { name: "an e-mail with a phone that is none", row: { ...reachable, phone: "нет" } },
    { name: "an address in Cyrillic", row: { email: "Иван@Почта.Example" } },
  ])("accepts $name", async ({ row }) => {
    await insert(row);
    const [count] = await database.sql`select count(*) from ${database.sql(table)}`;
    expect(count?.["count"]).toBe(1);
  });
});
