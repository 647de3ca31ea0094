import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** Leads in the small: a table that anon may only insert into, an outbox, a doorbell through pg_net, a cron job. */
const MIGRATION = `
create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists pg_net with schema extensions;
create extension if not exists supabase_vault with schema vault;

create table public.leads (
  id bigint generated always as identity primary key,
  email text not null check (email like '%@%'),
  note text,
  extra jsonb,
  tags text[]
);
alter table public.leads enable row level security;
create policy anon_inserts on public.leads for insert to anon with check (true);
grant insert on public.leads to anon;
grant select, insert, update, delete on public.leads to service_role;
create table public.settings (key text primary key, value jsonb not null);
alter table public.settings enable row level security;
grant select, insert, update, delete on public.settings to service_role;

create schema private;
create function private.ring() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform net.http_post(
    url := (select decrypted_secret from vault.decrypted_secrets where name = 'amocrm_functions_url') || '/echo',
    headers := jsonb_build_object('apikey',
      (select decrypted_secret from vault.decrypted_secrets where name = 'amocrm_cron_key')),
    body := '{"from": "trigger"}');
  return null;
end $$;
create trigger ring after insert on public.leads for each statement execute function private.ring();
select cron.schedule('slow', '1 second', 'select pg_sleep(1.05)');
select cron.schedule('broken', '0 3 * * *', 'select 1 / 0');

create function public.typed(p_text text, p_json jsonb, p_tags text[] default '{}') returns jsonb
language sql stable as $$ select jsonb_build_object('text', p_text, 'json', p_json, 'tags', p_tags) $$;
create function public.pairs(p_count int) returns table (n int, square bigint)
language sql stable as $$ select g, (g * g)::bigint from generate_series(1, p_count) g $$;
create function public.all_leads() returns setof public.leads language sql stable as $$ select * from public.leads $$;
create function public.total() returns bigint language sql stable as $$ select count(*) from public.leads $$;
create function public.nothing() returns void language sql as $$ select $$;
create function public.nap(p_seconds float8) returns void language sql as $$ select pg_sleep(p_seconds) $$;
create function public.refuse() returns void language plpgsql as
  $$ begin raise exception 'not today' using hint = 'tomorrow'; end $$;
`;

const ECHO = `
import process from "node:process";
export default {
  async fetch(request: Request): Promise<Response> {
    const known = JSON.parse(Deno.env.get("SUPABASE_SECRET_KEYS")!);
    if (request.headers.get("apikey") !== known.amocrm_cron) return new Response("no", { status: 401 });
    const body = await request.text();
    // By CPU, not by the clock: on a busy machine the two differ.
    if (body.includes("burn")) for (const before = process.cpuUsage(); process.cpuUsage(before).user < 120_000; );
    if (body.includes("later")) {
      EdgeRuntime.waitUntil(new Promise((_, reject) => setTimeout(() => reject(new Error("late fault")), 60)));
    }
    let outside = "reached";
    if (body.includes("outside")) await fetch("http://192.0.2.1/").catch((error) => (outside = error.name));
    return Response.json({ body, outside, names: Object.keys(Deno.env.toObject()) });
  },
};`;

/** Makes a project of its own in a temporary folder: one migration, one good function and one that does not load. */
export function makeProject(): { root: string; remove: () => void } {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "dev-stack-project-"));
  const write = (file: string, text: string): void => {
    const target = path.join(root, "supabase", file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  };
  write("migrations/20260101000000_leads.sql", MIGRATION);
  write("functions/echo/index.ts", ECHO);
  write("functions/broken/index.ts", 'throw new Error("cannot load");');
  write("config.toml", "[functions.echo]\nverify_jwt = false\n[functions.broken]\nverify_jwt = false\n");
  return { root, remove: () => fs.rmSync(root, { recursive: true, force: true }) };
}
