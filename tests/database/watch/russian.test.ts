import { expect, test } from "vitest";
import { told } from "#cli/language/told.ts";
import { sayIn } from "#shared/platform/text.ts";
import { SAID } from "#shared/watch/all-said.ts";
import { englishIn } from "../../unit/words/english.ts";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

const inRussian = async (sentence: string): Promise<string> =>
  (await sql<{ ru: string }[]>`select amocrm_in_russian(${sentence}) as ru`)[0]?.ru ?? "";

/** Every sentence with facts of each form that Russian has. */
const sentences = [1, 3, 25].flatMap((count) =>
  SAID.map((text) => {
    const facts = Object.fromEntries(
      [...text.en.matchAll(/\{(\w+)/g)].map(([, name = ""]) => [name, name === "count" ? count : "x_1"]),
    );
    return sayIn("en")(text, facts);
  }),
);

test("the database says each sentence in Russian as the command does", async () => {
  const rows = await sql<{ en: string; ru: string }[]>`
    select en, amocrm.in_russian(en) as ru from unnest(${sentences}::text[]) as said (en)`;
  expect(rows.length).toBeGreaterThan(900);
  const different = rows
    .filter(({ en, ru }) => ru !== told(en).ru)
    .map(({ en, ru }) => [en, ru, told(en).ru]);
  expect(different).toEqual([]);
});

test("facts may be sentences, places, lists and times, and are kept", async () => {
  await sql`update public.message_settings set time_zone = 'Europe/Moscow' where is_the_only_row`;
  expect(await inRussian("Sending is paused since 2026-11-30 06:12:34.17085+00: {2} and $1")).toBe(
    "Отправка на паузе с 2026-11-30 09:12, Europe/Moscow: {2} and $1",
  );
  expect(await inRussian("Pay the amoCRM account, then: select amocrm_resume()")).toBe(
    "Оплатите аккаунт amoCRM, затем: npm run amocrm -- resume",
  );
  expect(
    await inRussian("22 messages are dead, the last: x; amoCRM failed to handle the request (503)"),
  ).toBe(told("22 messages are dead, the last: x; amoCRM failed to handle the request (503)").ru);
  expect(await inRussian("Vault has no secret a\nVault has no secret b")).toBe(
    "В Vault нет секрета a\nВ Vault нет секрета b",
  );
  expect(await inRussian("Something of a newer version at 2026-13-45 99:99:99+00")).toBe(
    "Something of a newer version at 2026-13-45 99:99:99+00",
  );
});

test("a Russian admin reads the state in the SQL editor", async () => {
  const [health] = await sql<{ text: string }[]>`
    select concat_ws(E'\n', amocrm_in_russian(problem), amocrm_in_russian(remedy), amocrm_in_russian(notice)) as text from amocrm_health`;
  expect(health?.text).toMatch(/[а-яё]{3}/);
  expect(englishIn(health?.text ?? "")).toEqual([]);
});

test("a remedy names the hosted project where the database knows it, and leaves a place where it does not", async () => {
  const remedy = async () => (await sql<{ remedy: string }[]>`select remedy from amocrm_health`)[0]?.remedy;
  await sql`select vault.create_secret('sb_secret_test', 'amocrm_cron_key')`;
  await sql`select vault.create_secret('http://127.0.0.1:54321/functions/v1', 'amocrm_functions_url')`;
  await sql`select amocrm_heartbeat('amocrm-drain', 'disabled', '{}', null)`;
  expect(await remedy()).toBe("npx supabase secrets set --remote=<ref> AMOCRM_ENABLED=true");
  await sql`
    select vault.update_secret(id, 'https://abcdefghijklmnopqrst.supabase.co/functions/v1')
    from vault.secrets where name = 'amocrm_functions_url'`;
  expect(await remedy()).toBe("npx supabase secrets set --remote=abcdefghijklmnopqrst AMOCRM_ENABLED=true");
});
