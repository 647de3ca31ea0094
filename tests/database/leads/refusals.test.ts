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
  { row: { email: "no address", phone: "нет" }, ...NO_ADDRESS },
  { row: { email: "ada@mail.ru." }, ...NO_ADDRESS },
  { row: { email: "no address", phone: "8 912 111 26" }, ...NO_ADDRESS },
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

  const insertMetadata = (json: string) =>
    runAs(
      ANON,
      (anon) =>
        anon`insert into ${anon(table)} (email, metadata) values ('a@example.com', ${json}::text::jsonb)`,
    );

  test.each(REFUSALS)("refuses with 23514: $message", async ({ row, message, constraint }) => {
    const error = await errorOf(insert(row));
    expect(error).toMatchObject({ code: "23514", message, constraint_name: constraint, table_name: table });
    // What a person typed belongs neither into the error nor into the server's log.
    expect(`${error.message} ${error.detail ?? ""} ${error.hint ?? ""}`).not.toContain("example.com");
  });

  test.each([
    { name: "33 levels of lists", metadata: `{"a": ${"[".repeat(32)}${"]".repeat(32)}}` },
    { name: "33 levels of objects", metadata: `${'{"a":'.repeat(33)}1${"}".repeat(33)}` },
    { name: "8,000 levels of lists", metadata: `{"a": ${"[".repeat(8000)}${"]".repeat(8000)}}` },
    { name: "2,000 levels of objects", metadata: `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}` },
  ])("refuses metadata with $name", async ({ metadata }) => {
    const error = await errorOf(insertMetadata(metadata));
    expect(error).toMatchObject({
      code: "23514",
      message: "metadata is nested deeper than 32 levels",
      constraint_name: "metadata_is_not_too_deep",
      table_name: table,
    });
  });

  test.each([
    { name: "32 levels of lists", metadata: `{"a": ${"[".repeat(31)}${"]".repeat(31)}}` },
    { name: "32 levels of objects", metadata: `${'{"a":'.repeat(32)}1${"}".repeat(32)}` },
    { name: "1,500 members", metadata: `{${Array.from({ length: 1500 }, (_, n) => `"${n}":1`).join()}}` },
  ])("accepts metadata with $name", async ({ metadata }) => {
    await insertMetadata(metadata);
    const [count] = await database.sql`select count(*) from ${database.sql(table)}`;
    expect(count?.["count"]).toBe(1);
  });

  test.each([
    { name: "the longest name", row: { ...reachable, full_name: "ж".repeat(500) } },
    { name: "metadata that is JSON null", row: { ...reachable, metadata: null } },
    { name: "a phone alone", row: { phone: "8 912 111 26 48" } },
    { name: "an e-mail with a phone that is none", row: { ...reachable, phone: "нет" } },
    {
      name: "a slip in the address beside a good phone",
      row: { email: "ada@mail.ru.", phone: "+77001112233" },
    },
    { name: "a phone with a remark", row: { phone: "8 904 123-45-67 (WhatsApp)" } },
    { name: "a remark before the phone", row: { phone: "Айгуль: 8 904 123-45-67" } },
    { name: "two phones", row: { phone: "8 904 123-45-67, 8 905 765-43-21" } },
    { name: "an extension", row: { phone: "8 495 123-45-67 доб. 12" } },
    { name: "a link of a page", row: { phone: "tel:+79041234567" } },
    { name: "a dummy alone", row: { phone: "+7 777 777 77 77" } },
    { name: "a number that no country has", row: { phone: "+7 123 456 78 99" } },
    { name: "an address in Cyrillic", row: { email: "Иван@Почта.Example" } },
  ])("accepts $name", async ({ row }) => {
    await insert(row);
    const [count] = await database.sql`select count(*) from ${database.sql(table)}`;
    expect(count?.["count"]).toBe(1);
  });
});
