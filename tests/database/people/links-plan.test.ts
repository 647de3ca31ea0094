import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

/** How a join finds its links: by the conditions of an index, if it can at all. */
async function conditions(join: string): Promise<string> {
  return sql.begin(async (part) => {
    await part`set local enable_seqscan = off`;
    const rows = await part.unsafe<{ "QUERY PLAN": string }[]>(`explain ${join}`);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
}

describe("amocrm.links, joined with rows that only the query knows", () => {
  test("is asked for a row of ours by its id", async () => {
    const plan = await conditions(
      "select from unnest(array[gen_random_uuid()]) as row (id) join amocrm.links on links.subject_id = row.id and links.object = 'deal'",
    );
    expect(plan).toContain("Index Cond: (subject_id = ");
  });

  test.each(["contact", "deal"])("is asked for a %s by its number", async (object) => {
    const plan = await conditions(
      `select from unnest(array[(random() * 9)::bigint]) as row (id) join amocrm.links on links.amocrm_id = row.id and links.object = '${object}'`,
    );
    expect(plan).toContain(`Index Cond: (${object}_id = `);
  });
});
