import { expect, test } from "vitest";
import { NOON, noonPlus, SECOND_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";

const { sql, connect } = await useDatabase();
const service = connect({ user: "authenticator", role: "service_role" });

test("amocrm_versions tells the installation, each upgrade once, and which version runs", async () => {
  expect(await service`select version, is_current from amocrm_versions`).toEqual([
    { version: "0.1.0", is_current: true },
  ]);
  await setTestClock(NOON, sql);
  await sql`select amocrm.record_upgrade('0.2.0')`;
  await setTestClock(noonPlus(60 * SECOND_MS), sql);
  await sql`select amocrm.record_upgrade('0.2.0')`;
  expect(await service`select * from amocrm_versions where version <> '0.1.0'`).toEqual([
    { version: "0.2.0", applied_at: NOON, is_current: true },
  ]);
  expect(await service`select version from amocrm_versions where is_current`).toEqual([{ version: "0.2.0" }]);
  expect(await service`select version from amocrm_health`).toEqual([{ version: "0.2.0" }]);
});

test("amocrm.record_upgrade refuses what is no version", async () => {
  await expect(sql`select amocrm.record_upgrade('next')`).rejects.toMatchObject({ code: "23514" });
});
