import { afterAll, beforeAll, expect, test } from "vitest";
import { pickSubmissions } from "#dev/demo/submissions.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { startTraffic } from "#dev/traffic.ts";
import { type SchoolProject, startSchool } from "../school/school-project.ts";

const LIMIT_MS = 180_000;
let school: SchoolProject;
beforeAll(async () => {
  school = await startSchool();
}, LIMIT_MS);
afterAll(() => school?.stop());

test(
  "leads come through the public API until it is stopped, by routes that it adds where none is, and some by a broken one",
  async () => {
    const { sql, stack } = school;
    const leads = pickSubmissions().map(({ input }) => input);
    const traffic = await startTraffic(stack, leads, 20);
    const sources = async () =>
      (await sql`select source, count(*)::int as count from landing_leads group by 1 order by 2 desc`).map(
        ({ source }) => source as string,
      );
    await waitFor("leads of the broken way", async () => (await sources()).includes("old-campaign"));
    await traffic.stop();
    expect((await sources()).length).toBeGreaterThan(2);
    const [{ count } = {}] = await sql`select count(*)::int from landing_leads`;
    expect(await sql`select source from amocrm_routes order by 1`).toEqual([
      { source: "*" },
      { source: "old-campaign" },
    ]);
    // Started again it finds its routes, and those of others, as they are.
    await sql`update amocrm_routes set deal_name = 'kept' where source = '*'`;
    const again = await startTraffic(stack, leads, 60_000);
    await again.stop();
    expect(await sql`select deal_name from amocrm_routes where source = '*'`).toEqual([
      { deal_name: "kept" },
    ]);
    // What was stopped leaves nothing behind: one lead of the second start, none of the first.
    expect(Number((await sql`select count(*)::int from landing_leads`)[0]?.["count"])).toBeLessThanOrEqual(
      Number(count) + 1,
    );
  },
  LIMIT_MS,
);
