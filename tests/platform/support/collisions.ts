export const SHARED = "functions/_shared/supabase-amocrm";
/** The file of ours that is changed, deleted or in the way. */
export const ENTRY = "functions/amocrm-drain/index.ts";

/** What a project may have that is called like ours, and what is told of it. */
export const COLLISIONS: [what: string, place: string, text: string, told: string][] = [
  [
    "schema",
    "migrations/20250101000000_own.sql",
    'create schema if not exists "amocrm";',
    "makes the schema amocrm",
  ],
  [
    "cron job",
    "migrations/20250101000000_own.sql",
    "select cron.schedule('amocrm-tick', '* * * * *', 'select 1');",
    "cron job amocrm-tick",
  ],
  [
    "Vault name",
    "migrations/20250101000000_own.sql",
    "select vault.create_secret('x', 'amocrm_functions_url');",
    "Vault secret amocrm_functions_url",
  ],
  [
    "function of SQL",
    "migrations/20250101000000_own.sql",
    "create or replace function public.amocrm_pause() returns void language sql as '';",
    "public.amocrm_pause",
  ],
  ["slug", ENTRY, "Deno.serve(() => new Response());", ENTRY],
  ["shared file", `${SHARED}/deno.json`, "{}", `${SHARED}/deno.json`],
  ["section", "config.toml", "[functions.amocrm-drain]\nverify_jwt = true\n", "[functions.amocrm-drain]"],
  ["Vault line", "config.toml", '[db.vault]\namocrm_functions_url = "x"\n', "amocrm_functions_url"],
  ["form of config.toml", "config.toml", "functions = { hello = { verify_jwt = true } }\n", "inline table"],
  ["broken config.toml", "config.toml", "[db\n", "line 1"],
  ["record", "supabase-amocrm.json", "{}", "supabase-amocrm.json cannot be understood"],
  ["unknown time", "migrations/99999999999999_own.sql", "select 1;", "99999999999999_own.sql"],
];
