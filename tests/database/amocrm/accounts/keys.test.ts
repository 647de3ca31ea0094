import { describe, expect, test } from "vitest";
import { areasOfObjects } from "../../../architecture/support/sql-names.ts";
import { useDatabase } from "../../support/database.ts";

const { sql } = await useDatabase();
const areas = areasOfObjects();

/** Areas of which each table is looked at. */
const AREAS = ["20-people", "30-amocrm"];

/** Keys of these areas, and of tables with its ids, that need no account, and why. */
const WITHOUT_ACCOUNT: Record<string, string> = {
  "amocrm.clock_watch (is_the_only_row)": "The database has one clock.",
  "amocrm.consents (subject_table, subject_id)": "A row of ours, kept when its person is forgotten.",
  "amocrm.forget_key (is_the_only_row)": "The key of hashes, which count in every account.",
  "amocrm.oauth_links (link_hash)":
    "The hash of a secret of ours: whoever shows it has not named an account yet.",
  "amocrm.oauth_states (state_hash)": "The same: amoCRM gives it back, and it opens one exchange.",
  "amocrm.residence (one_row)": "The project lives in one database, whatever accounts it sends to.",
  "amocrm.tells (message_id)": "The number of our own message, whose queue is its account's.",
  "public.amocrm_settings (is_the_only_row)":
    "Pace and sizes, no id; each queue names its settings in amocrm.queues.",
  "public.tripwire_users (email_key)": "A row of ours; its amoCRM ids are no key.",
  "public.tripwire_users (user_id)": "A row of ours; its amoCRM ids are no key.",
  "public.unified_lead_tracking (landing_lead_id)": "A row of ours; its amoCRM ids are no key.",
};

interface Key {
  table: string;
  columns: string[];
  has_ids: boolean;
  /** True for a number or uuid that this database gives out. */
  is_our_own: boolean;
}

/** Each unique index but those of partitions: the bound of each table of messages says the account. */
const keys = await sql<Key[]>`
  select namespace.nspname || '.' || relation.relname as table,
    array(select part.attname::text from pg_attribute as part
      where part.attrelid = relation.oid and part.attnum = any (key.indkey) order by array_position(key.indkey::int2[], part.attnum)) as columns,
    (select bool_and(part.attidentity <> '' or coalesce(pg_get_expr(preset.adbin, preset.adrelid) ~ 'gen_random_uuid|nextval', false))
      from pg_attribute as part left join pg_attrdef as preset on preset.adrelid = part.attrelid and preset.adnum = part.attnum
      where part.attrelid = relation.oid and part.attnum = any (key.indkey)) as is_our_own,
    exists (select from pg_attribute as part where part.attrelid = relation.oid and part.attnum > 0
      and part.attname ~ '^amocrm_(.+_)?ids?$|^(pipeline|status|responsible_user|field|account)_id$') as has_ids
  from pg_index as key
  join pg_class as relation on relation.oid = key.indrelid and relation.relkind in ('r', 'p') and not relation.relispartition
  join pg_namespace as namespace on namespace.oid = relation.relnamespace and namespace.nspname in ('amocrm', 'public')
  where key.indisunique`;
const concerned = keys.filter(({ table, has_ids }) => has_ids || AREAS.includes(areas.get(table) ?? ""));

describe("the keys of tables with amoCRM's ids", () => {
  test("hold the account, or stand on the list of those that need none", () => {
    const without = concerned
      .filter(
        ({ columns, is_our_own }) =>
          !is_our_own && !columns.some((name) => /^((other_)?account|queue)$/.test(name)),
      )
      .map(({ table, columns }) => `${table} (${columns.join(", ")})`);
    expect(without.toSorted()).toEqual(Object.keys(WITHOUT_ACCOUNT).toSorted());
  });

  test("are looked at wherever they are: mirror, links, people, routes, cursors, tokens", () => {
    const tables = new Set(concerned.map(({ table }) => table));
    const expected =
      "accounts card_keys contacts cursors deals duplicates fields linked_rows marker_search known_keys pipelines pulls routes stages";
    for (const name of expected.split(" ")) expect(tables).toContain(`amocrm.${name}`);
  });

  test("begin with what is looked for, so that an id alone is found by an index", () => {
    // With one account in the table, an index that begins with the account serves nobody who does not name it.
    const first = concerned
      .filter(({ columns }) => columns.length > 1 && columns[0] === "account")
      .map(({ table }) => table);
    expect(first).toEqual(["amocrm.change_counts"]);
  });
});
