import { beforeEach, describe, expect, test } from "vitest";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { errorOf } from "../../support/errors.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
});

describe("a row of the admin that can be of no use is refused in words", () => {
  test.each([
    ["tags_are_named", "insert into amocrm_routes (source, tags) values ('webinar', '{a,NULL}')"],
    [
      "ids_are_amocrms",
      "insert into amocrm_routes (source, pipeline_id) values ('webinar', 9007199254740993)",
    ],
    ["ids_are_amocrms", "insert into amocrm_routes (source, pipeline_id) values ('webinar', -1)"],
    ["ids_are_amocrms", "insert into amocrm_routes (source, pipeline_id, status_id) values ('w', 1, 0)"],
    ["ids_are_amocrms", "insert into amocrm_routes (source, responsible_user_id) values ('webinar', -1)"],
    ["ids_are_amocrms", "insert into amocrm_stages values ('lesson.1', 9007199254740993, 1)"],
    ["ids_are_amocrms", "insert into amocrm_stages values ('lesson.1', 1, 0)"],
    [
      "ids_are_amocrms",
      "insert into amocrm_fields (entity, path, field_id) values ('deal', 'source', 9007199254740993)",
    ],
    ["course_name_is_one_line", "update message_settings set course_name = E'A\\nBcc: x@example.com'"],
  ])("%s: %s", async (constraint, statement) => {
    expect(await errorOf(sql.unsafe(statement))).toMatchObject({
      code: "23514",
      constraint_name: constraint,
    });
  });
});

describe("a row that no function can read, as an older database may hold", () => {
  const owner = database.connect({ user: "supabase_admin" });
  test("costs its own source, which has no route then, and nobody else", async () => {
    await owner`alter table amocrm.routes drop constraint tags_are_named`;
    await sql`insert into amocrm_routes (source, tags) values ('webinar', '{NULL}')`;
    await insertLeads(sql, [
      { email: "a@example.com", source: "webinar" },
      { email: "b@example.com", source: "ads" },
    ]);
    await account.drain();
    expect(await messages(sql)).toMatchObject([
      { state: "pending", last_error_code: "no_route" },
      { state: "delivered" },
    ]);
    await sql`update amocrm_routes set tags = '{a}' where source = 'webinar'`;
    await account.drainAfter(2 * MINUTE_MS);
    expect(await messages(sql)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
    await owner`alter table amocrm.routes add constraint tags_are_named check (array_position(tags, null) is null)`;
  });

  test("is left out of fields and stages, and the leads arrive", async () => {
    await owner`alter table amocrm.fields drop constraint ids_are_amocrms`;
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'source', 9223372036854775807)`;
    await insertLeads(sql, [{ email: "a@example.com", source: "ads" }]);
    await account.drain();
    expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
    await sql`delete from amocrm_fields`;
    await owner`alter table amocrm.fields add constraint ids_are_amocrms check (field_id between 1 and 9007199254740991)`;
  });

  test("a message that cannot be read is set back by itself", async () => {
    await insertLeads(sql, [{ email: "a@example.com" }, { email: "b@example.com" }]);
    await owner`update amocrm.outbox set progress = '{"lookCount": "many"}' where id = 1`;
    await account.drain();
    expect(await messages(sql)).toMatchObject([
      { state: "pending", last_error_code: "handler_failed", goes_alone: true, attempt_count: 1 },
      { state: "delivered" },
    ]);
  });
});
