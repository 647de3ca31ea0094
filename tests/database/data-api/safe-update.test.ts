import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { readCatalog } from "#dev/stack/data-api/safe-update/catalog.ts";
import { readFunction } from "#dev/stack/data-api/safe-update/function-text.ts";
import { createReach } from "#dev/stack/data-api/safe-update/guard.ts";
import { createRpc } from "#shared/platform/rpc.ts";
import { openDataApi } from "../support/data-api.ts";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const catalogNow = () => readCatalog({ run: (query, parameters) => sql.unsafe(query, parameters) });
const catalog = await catalogNow();
const ours = catalog.functions.filter(({ schema }) => schema === "public" || schema === "amocrm");

describe("a function of ours", () => {
  it("updates and deletes with a where clause only, since the platform refuses the rest through the Data API", () => {
    const found = ours.flatMap((fn) =>
      readFunction(fn).unguarded.map(({ verb, target }) => `${fn.signature}: ${verb} ${target}`),
    );
    expect(found).toEqual([]);
  });

  it("executes only text that can be read beforehand: a literal, or format of one with names and values", async () => {
    const obscure = ours.filter((fn) => readFunction(fn).obscure.length > 0);
    const volatile = await sql<{ name: string }[]>`
      select namespace.nspname || '.' || proc.proname as name from pg_catalog.pg_proc as proc
      join pg_catalog.pg_namespace as namespace on namespace.oid = proc.pronamespace where proc.provolatile = 'v'`;
    const names = new Set(volatile.map(({ name }) => name));
    const writing = obscure.filter(({ schema, name }) => names.has(`${schema}.${name}`));
    expect(writing.map(({ signature }) => signature)).toEqual([]);
    // In what is stable Postgres refuses to write, whatever the text. This one joins conditions, each a format of its own:
    // an "or" in one text would make no use of the indexes.
    expect(obscure.map(({ name }) => name)).toEqual(["filtered"]);
  });

  it("calls by the name in a row only where a registry names functions, and those were read as well", async () => {
    const calling = ours.filter((fn) => readFunction(fn).registered.length > 0).map(({ name }) => name);
    expect(calling.toSorted()).toEqual([
      "alert_conditions",
      "amocrm_tell",
      "ask_gates",
      "drawn_token",
      "fill",
      "followup_member",
      "function_due",
      "is_filler_due",
      "lanes_of",
      "may_depart",
      "merged_with_next",
      "place",
      "read_kinds",
      "read_subjects",
      "run_upkeep",
      "told_row",
      "write_back_subjects",
    ]);
    const named = await sql<{ name: string }[]>`
      select function as name from amocrm.conditions union select function from amocrm.upkeep
      union select unnest(array[function_in_turn, open_lanes]) from amocrm.queues
      union select unnest(array[merges, checks, gate, reads, draws]) from amocrm.kinds
      union select unnest(array[reads, writes_back, places, gate]) from amocrm.queue_subjects
      union select unnest(array[fills, has_due]) from amocrm.queue_fillers`;
    const names = named.map(({ name }) => name).filter((name) => name !== null);
    expect(names.length).toBeGreaterThan(15);
    const known = new Set(ours.map(({ schema, name }) => `${schema}.${name}`));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  it("is there at all, and calls others that are found", () => {
    expect(ours.length).toBeGreaterThan(300);
    const calls = ours.flatMap((fn) => readFunction(fn).calls);
    expect(calls).toContainEqual({ schema: "amocrm", name: "lock_pull" });
    expect(calls).toContainEqual({ schema: "amocrm", name: "post_alerts" });
  });
});

describe("the Data API of the stack", () => {
  const api = openDataApi(database);
  const rpc = createRpc(api);
  const token = randomUUID();

  it("lets through every function and every table of ours", () => {
    const reach = createReach(catalog);
    const refused = ours
      .filter(({ schema }) => schema === "public")
      .flatMap((fn) => reach.refusal(fn, [])?.signature ?? []);
    expect(refused).toEqual([]);
    const tables = catalog.triggers.filter(({ schema }) => schema === "public");
    expect(tables.length).toBeGreaterThan(10);
    expect(tables.flatMap((table) => reach.refusal(table, ["insert", "update", "delete"]) ?? [])).toEqual([]);
  });

  it("lets a pull begin, store a page and end", async () => {
    const begun = (await rpc("amocrm_pull_begin", { p_token: token })) as { pull: { id: number } };
    await rpc("amocrm_pull_page", {
      p_token: token,
      p_pull_id: begun.pull.id,
      p_rows: [],
      p_position: { kind: "first", phase: "test" },
      p_asked: [],
      p_pages_left: null,
    });
    await rpc("amocrm_pull_finish", {
      p_token: token,
      p_pull_id: begun.pull.id,
      p_until: "2031-01-01T00:00:00Z",
    });
    expect(await rpc("amocrm_pull_end", { p_token: token, p_rings: false })).toBeTypeOf("boolean");
    const [cursor] = await sql`select is_complete from amocrm.cursors where entity = 'contact'`;
    expect(cursor).toEqual({ is_complete: true });
  });

  it("lets the operator ask for a pull, and a pull of deals take changed fields over", async () => {
    await rpc("amocrm_pull_request", { p_since: "2031-01-01T00:00:00Z", p_accepts_deletions: false });
    await sql`update amocrm.cursors set is_complete = true, pulled_at = amocrm.clock(), pull_began_at = amocrm.clock(), changed_until = amocrm.clock() where entity = 'contact'`;
    expect(await rpc("amocrm_pull_begin", { p_token: token })).toMatchObject({ pull: { entity: "deal" } });
  });

  it("lets a drain keep the marker that it made", async () => {
    await sql`insert into public.amocrm_routes (source, pipeline_id, status_id) values ('*', 1, 2)`;
    await api.from("landing_leads").insert({ full_name: "Ada", email: "ada@example.com" });
    expect(await rpc("amocrm_drain_begin", { p_token: token })).toBe("granted");
    expect(await rpc("amocrm_marker_begin", { p_token: token })).toBe(true);
    await rpc("amocrm_marker_end", {
      p_token: token,
      p_field_id: 411,
      p_error_code: null,
      p_error_message: null,
    });
    const fields = await sql`select field_id from public.amocrm_fields where path = 'id'`;
    expect([...fields]).toEqual([{ field_id: 411 }]);
  });

  it("lets both alert roads be set", async () => {
    const outcomes = await rpc("amocrm_set_alert_roads", {
      p_alert_url: "https://example.com/alert",
      p_dead_man_url: "https://example.com/ping",
    });
    expect(outcomes).toEqual({ alert_url: "done", dead_man_url: "done" });
  });

  it("lets amocrm-health look where cron stands still, and open an incident", async () => {
    await sql`update amocrm.watch_control set last_look_at = amocrm.clock() - interval '1 hour' where true`;
    await rpc("amocrm_health_report");
    const [control] = await sql`
      select last_look_at > amocrm.clock() - interval '1 minute' as has_looked from amocrm.watch_control`;
    expect(control).toEqual({ has_looked: true });
  });

  it("lets an admin switch to another account", async () => {
    await rpc("amocrm_account_leave");
    const [control] =
      await sql`select paused_at is not null as is_paused from amocrm.queue_control where queue = 'amocrm'`;
    expect(control).toEqual({ is_paused: true });
  });

  describe("refuses, as pg-safeupdate would,", () => {
    beforeEach(async () => {
      await sql.unsafe(`
        drop schema if exists shop cascade;
        create schema shop;
        grant usage on schema shop to service_role;
        drop table if exists public.shelves cascade;
        create table public.shelves (id int primary key, count int);
        grant all on public.shelves to service_role;
        create table shop.goods (id int primary key, shelf_id int references public.shelves on delete cascade);
        create or replace function shop.empty() returns trigger language plpgsql security definer as
          $$ begin update shop.goods set shelf_id = null; return null; end $$`);
    });
    const refusalOf = async (
      query: PromiseLike<{ error: { code: string; message: string; details: string } | null }>,
    ) => {
      const { error } = await query;
      return error === null ? "let through" : `${error.code} ${error.message} | ${error.details}`;
    };

    it("a statement of a function that is called by another", async () => {
      await sql.unsafe(`
        create function shop.reset() returns void language plpgsql security definer as $$ begin delete from shop.goods; end $$;
        create or replace function public.reset_shop() returns void language sql security definer as 'select shop.reset()'`);
      const refused = await refusalOf(api.rpc("reset_shop"));
      expect(refused).toBe(
        "21000 DELETE requires a WHERE clause | shop.reset(): delete of every row of shop.goods",
      );
      await sql.unsafe(`
        create or replace function shop.reset() returns void language plpgsql security definer as
          $$ begin delete from shop.goods where true; end $$`);
      expect(await refusalOf(api.rpc("reset_shop"))).toBe("let through");
    });

    it("a statement of a trigger, also behind a foreign key", async () => {
      await sql.unsafe("create trigger empty after update on public.shelves execute function shop.empty()");
      expect(await refusalOf(api.from("shelves").update({ count: 1 }).eq("id", 1))).toMatch(
        /^21000 UPDATE requires/,
      );
      expect(await refusalOf(api.from("shelves").insert({ id: 1, count: 1 }))).toBe("let through");
      expect(await refusalOf(api.from("shelves").upsert({ id: 1, count: 1 }))).toMatch(
        /^21000 UPDATE requires/,
      );
      await sql.unsafe("drop trigger empty on public.shelves");
      expect(await refusalOf(api.from("shelves").delete().eq("id", 1))).toBe("let through");
      await sql.unsafe("create trigger empty after delete on shop.goods execute function shop.empty()");
      expect(await refusalOf(api.from("shelves").delete().eq("id", 1))).toMatch(/^21000 UPDATE requires/);
    });

    it("a statement of a trigger below a view", async () => {
      await sql.unsafe(`create or replace view public.numbered_shelves as select id, count from public.shelves;
        grant all on public.numbered_shelves to service_role;
        create trigger empty after insert on public.shelves execute function shop.empty()`);
      expect(await refusalOf(api.from("numbered_shelves").insert({ id: 1 }))).toMatch(
        /^21000 UPDATE requires/,
      );
      expect(await refusalOf(api.from("numbered_shelves").delete().eq("id", 1))).toBe("let through");
    });

    it("the request's own, without a filter", async () => {
      expect(await refusalOf(api.from("shelves").delete())).toMatch(/^21000 DELETE requires/);
    });

    it("what this product's own functions were, before they were mended", async () => {
      const [row] = await sql<
        { source: string }[]
      >`select pg_get_functiondef('amocrm.lock_pull(uuid)'::regprocedure) as source`;
      const source = row?.source ?? "";
      await sql.unsafe(source.replace(" where pull_control.account = amocrm.account();", ";"));
      await expect(rpc("amocrm_pull_end", { p_token: token, p_rings: false })).resolves.toBeDefined();
      await expect(
        rpc("amocrm_pull_finish", { p_token: token, p_pull_id: 1, p_until: null }),
      ).rejects.toThrow("Cannot call amocrm_pull_finish: 21000 UPDATE requires a WHERE clause");
      await sql.unsafe(source);
    });
  });
});
