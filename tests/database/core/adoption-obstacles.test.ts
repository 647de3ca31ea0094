import { describe, expect, test } from "vitest";
import { migrate } from "#dev/stack/migrate.ts";
import { type TestDatabase, useAdoptions } from "../support/adoptions.ts";
import { messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";
import { MIGRATIONS_DIR } from "../support/server.ts";

const adoptions = useAdoptions();

/** The two tables of a project that copied its submissions itself, by whatever trigger. */
const OLD_TABLES = `
  create table public.landing_leads (id uuid primary key default gen_random_uuid(), full_name text, email text, phone text);
  create table public.unified_lead_tracking (id uuid primary key default gen_random_uuid(), full_name text, email text,
    phone text, landing_lead_id uuid references public.landing_leads (id));
  grant all on public.landing_leads, public.unified_lead_tracking to anon;`;

const oldCopy = (options: { isDefiner: boolean; withId: boolean; trigger: string }): string => `
  create function public.old_copy() returns trigger language plpgsql ${options.isDefiner ? "security definer" : ""} as $$
    begin
      insert into public.unified_lead_tracking (email, full_name${options.withId ? ", landing_lead_id" : ""})
        values (new.email, 'by the old trigger'${options.withId ? ", new.id" : ""});
      return new;
    end $$;
  ${options.trigger}`;

const AFTER_ROW =
  "create trigger old_copy after insert on public.landing_leads for each row execute function public.old_copy();";
/** Fires when ours has made its copy. */
const AT_COMMIT = `create constraint trigger old_copy after insert on public.landing_leads
  deferrable initially deferred for each row execute function public.old_copy();`;

const openOld = (further: string): Promise<TestDatabase> => adoptions.open(OLD_TABLES + further);
const adopt = (further: string): Promise<TestDatabase> => adoptions.adopt(OLD_TABLES + further);

const submit = (database: TestDatabase, email = "visitor@example.com") =>
  openDataApi(database)(ANON, (anon) => anon`insert into landing_leads (email) values (${email})`);

describe("a project whose own trigger copies submissions", () => {
  test.each([
    { when: "before ours", trigger: AFTER_ROW, name: "by the old trigger" },
    { when: "at the end of the transaction", trigger: AT_COMMIT, name: null },
  ])("with landing_lead_id, $when, gets one lead and one message of each", async ({ trigger, name }) => {
    const database = await adopt(oldCopy({ isDefiner: true, withId: true, trigger }));
    await submit(database);
    expect(
      await database.sql`select email, full_name, landing_lead_id is not null as is_linked from unified_lead_tracking`,
    ).toEqual([{ email: "visitor@example.com", full_name: name, is_linked: true }]);
    expect(await messages(database.sql)).toHaveLength(1);
  });

  test("is told which trigger it is, by health, until it is gone", async () => {
    const { sql } = await adopt(oldCopy({ isDefiner: true, withId: false, trigger: AFTER_ROW }));
    const notice = async () => String((await sql`select notice from amocrm_health`)[0]?.["notice"]);
    expect(await notice()).toMatch(
      /The trigger old_copy on landing_leads \(public\.old_copy\) copies leads .* drop trigger old_copy on public\.landing_leads\./,
    );
    await sql`drop trigger old_copy on public.landing_leads`;
    expect(await notice()).not.toContain("old_copy");
  });

  test("is refused before anything is changed if that trigger may not do so any longer", async () => {
    const database = await openOld(oldCopy({ isDefiner: false, withId: true, trigger: AFTER_ROW }));
    await expect(migrate(database.url(), MIGRATIONS_DIR)).rejects.toThrow(
      /every visitor's lead would be refused: permission denied for table unified_lead_tracking \(42501\)\. Nobody's rights were changed and no trigger was made\. Of yours there fire: old_copy on landing_leads\./,
    );
    // Its forms go on as they did.
    await submit(database);
    expect(await database.sql`select full_name from unified_lead_tracking`).toEqual([
      { full_name: "by the old trigger" },
    ]);
  });
});

test("a column that visitors may not fill in any longer, and must, is refused before anything is changed", async () => {
  const database = await openOld("alter table public.landing_leads add column form_id int not null;");
  await expect(migrate(database.url(), MIGRATIONS_DIR)).rejects.toThrow(
    /every visitor's lead would be refused: null value in column "form_id"/,
  );
  await openDataApi(database)(
    ANON,
    (anon) => anon`insert into landing_leads (email, form_id) values ('a@example.com', 7)`,
  );
});

test.each([
  {
    table: "tripwire_users",
    old: "create table public.tripwire_users (id uuid primary key default gen_random_uuid(), email text not null, school_id int not null);",
    column: "school_id",
  },
  {
    table: "tripwire_lesson_progress",
    old: `create table public.tripwire_lesson_progress (id bigint generated always as identity primary key, user_id uuid not null,
      lesson_id int not null, course_id int not null, note text not null default '');`,
    column: "course_id",
  },
])("so is one of $table that nobody of ours can fill in", async ({ table, old, column }) => {
  const database = await openOld(old);
  await expect(migrate(database.url(), MIGRATIONS_DIR)).rejects.toThrow(
    `nothing could be saved in public.${table} any longer: ${column} must be filled in`,
  );
  const [row] =
    await database.sql`select count(*) as count from pg_trigger where tgrelid = ${table}::regclass and not tgisinternal`;
  expect(row?.["count"]).toBe(0);
  await database.sql.unsafe(`alter table ${table} alter column ${column} set default 1`);
  await migrate(database.url(), MIGRATIONS_DIR);
});

describe("a copy that something of the project refuses", () => {
  const COLUMN = "alter table public.unified_lead_tracking add column owner_id int not null;";

  test("costs no visitor his lead, is named, and is made up for once the cause is gone", async () => {
    const database = await adopt(COLUMN);
    const { sql } = database;
    await submit(database, "first@example.com");
    await submit(database, "second@example.com");
    expect(await sql`select email from landing_leads order by email`).toHaveLength(2);
    expect(await messages(sql)).toEqual([]);
    const [condition] = await sql`select code, detail, remedy from amocrm.lead_conditions()`;
    expect(condition).toMatchObject({
      code: "leads_not_copied",
      detail: expect.stringMatching(
        /^2 submissions of landing_leads could not be copied .*: 23502 owner_id$/,
      ),
      remedy: expect.stringContaining("select amocrm.sweep()"),
    });
    const [health] = await sql`select notice from amocrm_health`;
    expect(health?.["notice"]).toContain("23502 owner_id");
    expect(await sql`select amocrm.sweep() as count`).toEqual([{ count: 0 }]);

    await sql`alter table public.unified_lead_tracking alter column owner_id set default 1`;
    expect(await sql`select amocrm.sweep() as count`).toEqual([{ count: 2 }]);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual([
      "first@example.com",
      "second@example.com",
    ]);
    expect(await sql`select from amocrm.lead_conditions()`).toEqual([]);
    expect(await sql`select amocrm.sweep() as count`).toEqual([{ count: 0 }]);
  });

  test("is made for the others of them, though one is refused again", async () => {
    const database = await adopt(COLUMN);
    const { sql } = database;
    for (const email of ["bad@example.com", "good@example.com"]) await submit(database, email);
    await sql.unsafe(`alter table public.unified_lead_tracking alter column owner_id set default 1,
      add constraint not_that_one check (email <> 'bad@example.com')`);
    expect(await sql`select amocrm.sweep() as count`).toEqual([{ count: 1 }]);
    expect((await messages(sql)).map(({ email_key }) => email_key)).toEqual(["good@example.com"]);
  });
});
