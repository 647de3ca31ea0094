import type { Words } from "./words.ts";

/** What doctor says in English. */
export const ENGLISH: Words = {
  checks: {
    command: "Project",
    functions: "Functions",
    variables: "Variables",
    database: "Database",
    cron: "Cron",
    vault: "Vault",
    road: "Calls",
    heartbeats: "Heartbeats",
    token: "Token",
    amocrm: "amoCRM",
    clock: "Clocks",
    places: "Routes",
    fields: "Fields",
    sending: "Sending",
    queue: "Queue",
    mirror: "Mirror",
    alerts: "Alerts",
  },
  codes: {
    command_ok: ["{url}, by {origin}"],
    project_unnamed: [
      "SUPABASE_URL and SUPABASE_SECRET_KEY are not set, and there is no local stack at {file}",
      "set both, in the environment or in .env; or for a local stack: npm run dev",
    ],
    stack_missing: ["There is no local stack at {file}", "npm run dev"],
    url_missing: ["SUPABASE_URL is not set", "set it to https://<project>.supabase.co"],
    url_malformed: ["SUPABASE_URL is no http or https URL", "set it to https://<project>.supabase.co"],
    url_of_dashboard: ["SUPABASE_URL is an address of the dashboard", "SUPABASE_URL={url}"],
    key_missing: [
      "SUPABASE_SECRET_KEY is not set",
      "dashboard, project settings, API keys: a secret key (sb_secret_…)",
    ],
    key_publishable: [
      "SUPABASE_SECRET_KEY is the publishable key, which is for pages",
      "dashboard, project settings, API keys: a secret key (sb_secret_…)",
    ],
    key_anon: [
      "SUPABASE_SECRET_KEY is the old anon key, which is for pages",
      "dashboard, project settings, API keys: a secret key (sb_secret_…)",
    ],
    key_service_role: [
      "SUPABASE_SECRET_KEY is the old service_role key, which the functions do not take",
      "dashboard, project settings, API keys: a secret key (sb_secret_…)",
    ],
    key_odd: [
      "SUPABASE_SECRET_KEY does not begin with sb_secret_",
      "compare it with the dashboard, project settings, API keys",
    ],
    command_clock_off: [
      "This machine's clock is {seconds} s ahead of the functions' (behind, if negative)",
      "set this machine's clock",
    ],

    functions_ok: ["amocrm-admin answers, version {version}"],
    host_unknown: [
      "There is no host {host} (DNS)",
      "check SUPABASE_URL and the network; a paused project is woken up in the dashboard",
    ],
    host_refuses: ["{host} refuses the connection", "check SUPABASE_URL and its port"],
    host_tls: [
      "The certificate of {host} is not trusted ({reason})",
      "a proxy that reads along? NODE_EXTRA_CA_CERTS=<its certificate>",
    ],
    host_unreachable: ["No connection to {host} ({reason})", "check the network and SUPABASE_URL"],
    stack_gone: ["The local stack of {file} no longer runs", "npm run dev"],
    functions_timeout: [
      "amocrm-admin does not answer in time",
      "try again; then dashboard, Edge Functions, amocrm-admin, logs",
    ],
    functions_key_refused: [
      "401: the project refuses SUPABASE_SECRET_KEY: it is of another project, or was deleted",
      "dashboard, project settings, API keys: a secret key (sb_secret_…) of this project",
    ],
    functions_forbidden: [
      "403: this key or user is no admin's",
      "use a secret key (sb_secret_…) of the project",
    ],
    functions_missing: [
      "404: there is no function at {url}",
      "check SUPABASE_URL; npx supabase functions deploy",
    ],
    functions_do_not_start: [
      "503: amocrm-admin does not start",
      "dashboard, Edge Functions, amocrm-admin, logs",
    ],
    functions_old: [
      "The functions are of another version than this command",
      "npx supabase functions deploy",
    ],
    functions_failed: ["amocrm-admin failed ({status})", "dashboard, Edge Functions, amocrm-admin, logs"],
    rest_unasked: ["Everything else is unknown until the functions answer"],

    variables_ok: ["All that the functions need is set"],
    variables_off: [
      "AMOCRM_ENABLED is off: leads are saved and wait",
      "npx supabase secrets set AMOCRM_ENABLED=true",
    ],
    variable_missing: ["{name} is not set", "npx supabase secrets set {name}={example}"],
    variable_misspelt: [
      "{name} is not set, but {found} is: misspelt?",
      "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
    ],
    variable_malformed: ["{name} cannot be understood", "npx supabase secrets set {name}={example}"],
    variable_alike: [
      "{found} is set, which nothing reads: {name} was probably meant",
      "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
    ],
    value_has_spaces: ["{name} begins or ends with blanks or a line break", "set it anew without them"],
    value_has_quotes: [
      "{name} has quotation marks around it, which belong to the value",
      "set it anew without them",
    ],
    value_has_blanks: ["{name} has blanks or line breaks in it", "copy it anew, as a whole and in one line"],
    value_has_bearer: ["{name} begins with Bearer", "set it anew without that word"],
    value_is_url: [
      "{name} is an address",
      "look whether it was mixed up with AMOCRM_BASE_URL or AMOCRM_REDIRECT_URI",
    ],
    value_is_key: [
      "{name} is a Supabase key",
      "a token comes from amoCRM: settings, integrations, keys and scopes",
    ],
    value_is_plain_http: [
      "{name} is http: the token goes over the network unencrypted",
      "set it anew with https",
    ],

    database_ok: ["Migrations of version {version}, extensions and triggers are there"],
    migrations_missing: ["The migrations are not all there", "npx supabase db push"],
    database_failed: [
      "The database cannot be asked: {reason}",
      "dashboard, Edge Functions, amocrm-admin, logs",
    ],
    database_unasked: ["Everything else is unknown until the database answers"],
    version_differs: [
      "The database is of version {database}, the functions of {functions}",
      "npx supabase db push; npx supabase functions deploy",
    ],
    extension_missing: ["The extension {name} is not installed", "{remedy}"],
    trigger_missing: [
      "The trigger {name} on {table} is gone: what is saved there may never reach amoCRM",
      "create it again as in supabase/migrations",
    ],
    trigger_off: [
      "The trigger {name} on {table} is off: what is saved there may never reach amoCRM",
      "alter table public.{table} enable trigger {name}",
    ],

    cron_ok: ["All {count} jobs run"],
    cron_young: ["All {count} jobs are there; some have not had their first turn yet"],
    cron_unasked: ["Unknown without pg_cron"],
    cron_silent: [
      "No job has run for {minutes} min: pg_cron stands still",
      "dashboard, project settings, General: restart the project",
    ],
    jobs_missing: [
      "None of our jobs is there: was pg_cron switched off and on again?",
      "select amocrm_schedule_jobs()",
    ],
    job_missing: ["The job {name} is gone", "select amocrm_schedule_jobs()"],
    job_off: [
      "The job {name} is switched off",
      "select cron.alter_job((select jobid from cron.job where jobname = '{name}'), active := true)",
    ],
    job_failing: [
      "The last run of {name} failed: {message}",
      "select * from cron.job_run_details order by runid desc limit 20",
    ],
    job_silent: [
      "{name} has not run for {minutes} min",
      "select * from cron.job_run_details order by runid desc limit 20",
    ],

    vault_ok: ["URL and key are set: {url}"],
    vault_unasked: ["Unknown without supabase_vault"],
    vault_unreadable: [
      "Vault's secrets cannot be decrypted: was this database restored from another project?",
      "npm run amocrm -- setup",
    ],
    secret_missing: [
      "The secret {name} is missing: the database cannot call the functions",
      "npm run amocrm -- setup",
    ],
    vault_other_project: [
      "The database calls another project: {url}, not {own}",
      "npm run amocrm -- setup --functions-url {own}",
    ],
    vault_url_differs: [
      "The database calls {url}; this project's own address is {own}",
      "if that is not meant: npm run amocrm -- setup --functions-url {own}",
    ],

    road_ok: ["The database reaches amocrm-drain, and its key is accepted"],
    road_unasked: ["The database's call of the functions cannot be tried without pg_net and both secrets"],
    road_refused: [
      "{status}: amocrm-drain refuses the key in Vault: deleted, or of another project",
      "npm run amocrm -- setup --cron-key sb_secret_…",
    ],
    road_missing: [
      "404: there is no amocrm-drain at the URL in Vault",
      "npx supabase functions deploy; or npm run amocrm -- setup --functions-url …",
    ],
    road_failed: [
      "amocrm-drain answered the database with {status}",
      "dashboard, Edge Functions, amocrm-drain, logs",
    ],
    road_broken: [
      "The database does not reach the functions: {reason}",
      "npm run amocrm -- setup --functions-url …",
    ],
    road_silent: [
      "pg_net does not send: the database's call was not answered",
      "select net.worker_restart()",
    ],

    heartbeats_ok: ["Last seen well: {names}"],
    heartbeats_none: ["No function was called yet: nothing was due"],
    function_failing: ["The last run of {name} failed: {reason}", "dashboard, Edge Functions, {name}, logs"],
    function_silent: ["{name} was called {count} times without a sign of life", "see the line about calls"],
    function_refused: [
      "{name} was called {count} times without a sign of life; the last answer: {answer}",
      "see the line about calls; if that is well: npx supabase functions deploy",
    ],

    token_ok: ["A long-lived token is set; it does not tell how long it lasts"],
    token_lasts: ["The long-lived token lasts for {days} days"],
    token_connected: ["Connected to {host}; without a refresh it would last for {days} days"],
    token_expires_soon: [
      "The long-lived token lasts for {days} days only",
      "amoCRM, settings, integrations: a new one; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
    ],
    token_expired: [
      "The long-lived token expired {days} days ago",
      "amoCRM, settings, integrations: a new one; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
    ],
    token_none: ["amoCRM is not connected yet", "npm run amocrm -- connect"],
    token_reauth: ["amoCRM has ended the connection to {host} ({reason})", "npm run amocrm -- connect"],
    token_foreign: [
      "The connection is that of another project, {project}: this database is a copy of its",
      "npm run amocrm -- connect",
    ],
    token_unreadable: [
      "Vault cannot give back the tokens: was this database restored from another project?",
      "npm run amocrm -- connect",
    ],
    token_refresh_failing: [
      "The last {count} refreshes failed ({reason}); it is tried again",
      "if it goes on: npm run amocrm -- connect",
    ],

    amocrm_ok: ["Account {name} ({subdomain}, {id}) answers"],
    amocrm_unasked: ["Unknown until the variables are right"],
    amocrm_paused: ["Unknown while sending is paused"],
    amocrm_no_slot: ["Unknown: the pace has no slot for a question now", "try again in a minute"],
    amocrm_rate_limited: [
      "429: too many requests, possibly those of another integration of the account; we wait and go on more slowly",
      "wait; if it stays: update amocrm_settings set min_interval_ms = 2000",
    ],
    amocrm_unauthorized: [
      "401: amoCRM refuses the token: wrong, revoked, expired, or the integration is switched off",
      "amoCRM, settings, integrations: is it on? Then a new token: npx supabase secrets set AMOCRM_ACCESS_TOKEN=…, or npm run amocrm -- connect",
    ],
    amocrm_no_token: ["There is no token to ask with: {reason}", "npm run amocrm -- connect"],
    amocrm_unpaid: ["402: the amoCRM account is not paid", "pay it, then: select amocrm_resume()"],
    amocrm_forbidden: [
      "403: the token's user lacks rights",
      "amoCRM, settings, users: let that user see and edit deals and contacts; or a token of an administrator",
    ],
    amocrm_blocked: [
      "403 with a web page: amoCRM blocks the account or our address for too many requests",
      "write to amoCRM's support; then: select amocrm_resume()",
    ],
    amocrm_wrong_address: [
      "404: at this address is no amoCRM account: mistyped, or renamed",
      "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
    ],
    amocrm_not_found: [
      "404: amoCRM does not know the address of its account",
      "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
    ],
    amocrm_unreachable: [
      "No connection to amoCRM: down, or there is no such address",
      "check AMOCRM_SUBDOMAIN; else wait",
    ],
    amocrm_timeout: ["amoCRM does not answer in time", "wait: it is tried again by itself"],
    amocrm_server_error: ["amoCRM has a fault of its own (5xx)", "wait: it is tried again by itself"],
    amocrm_odd: [
      "amoCRM answered with something unexpected ({code})",
      "dashboard, Edge Functions, amocrm-drain, logs",
    ],

    clock_ok: ["Database, functions and amoCRM agree"],
    clock_database_off: [
      "The database's clock is {seconds} s ahead of the functions' (behind, if negative)",
      "a matter of the host: its support",
    ],
    clock_amocrm_off: [
      "amoCRM's clock is {seconds} s ahead of the functions' (behind, if negative)",
      "check AMOCRM_BASE_URL: a proxy? Else their support",
    ],

    places_ok: ["Their pipelines, stages and users exist (routes: {routes}, stages: {stages})"],
    places_unasked: ["Pipelines, stages and users are unknown until amoCRM answers"],
    users_unasked: [
      "Responsible users are unknown: the token's user may not see the list",
      "a token of an administrator",
    ],
    routes_none: ["amocrm_routes is empty: no lead has anywhere to go", "npm run amocrm -- setup"],
    route_for_rest_missing: [
      "There is no route *: leads of other sources wait",
      "insert into amocrm_routes (source) values ('*')",
    ],
    place_no_main: [
      "{row}: the account has no main pipeline; there are: {near}",
      "update amocrm_routes set pipeline_id = <id> where {where}",
    ],
    place_no_pipeline: [
      "{row}: there is no pipeline {id}; perhaps: {near}",
      "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
    ],
    place_archived: [
      "{row}: pipeline {pipeline} is archived; perhaps: {near}",
      "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
    ],
    place_no_stage: [
      "{row}: there is no stage {id} in pipeline {pipeline}; perhaps: {near}",
      "update {table} set status_id = <id> where {where}",
    ],
    place_stage_elsewhere: [
      "{row}: stage {stage} is not in pipeline {pipeline} but in {other}",
      "update {table} set pipeline_id = {otherId} where {where}",
    ],
    place_closed: ["{row}: new deals go to {stage}, closed from the start", "npm run amocrm -- pipelines"],
    user_missing: [
      "{row}: there is no user {id}: deals come without; perhaps: {near}",
      "update amocrm_routes set responsible_user_id = <id> where {where}",
    ],
    user_off: [
      "{row}: user {user} is switched off: deals come without; perhaps: {near}",
      "update amocrm_routes set responsible_user_id = <id> where {where}",
    ],

    fields_ok: ["All {count} fields exist, the marker too"],
    fields_unasked: ["Fields are unknown until amoCRM lists them"],
    field_missing: [
      "{row}: there is no field {field}: its values go into the note; perhaps: {near}",
      "npm run amocrm -- setup --field {row}=<id or code>; or without a field: delete from amocrm_fields where entity || '.' || path = '{row}'",
    ],
    field_path_unknown: [
      "{row} is no column of a lead and never has a value; perhaps: {near}",
      "delete the row of amocrm_fields, or name metadata.…",
    ],
    marker_unset: [
      "Deals carry no marker yet; the next drain makes it",
      "at once: npm run amocrm -- setup --marker",
    ],
    marker_refused: [
      "Deals carry no marker, so one whose answer was lost is recognised by its name only: {reason}",
      "let the token's user make fields, or make a text field of deals with the code SUPABASE_LEAD_ID; then npm run amocrm -- setup --marker",
    ],
    marker_type: [
      "The marker {field} has the type {type} and cannot hold an id",
      "npm run amocrm -- setup --field deal.id=<a text field>",
    ],

    sending_ok: ["One request in {interval} ms"],
    sending_paused: ["Paused: {reason}", "select amocrm_resume()"],
    sending_stopped: [
      "Stopped after {code}; tried again in {seconds} s",
      "mend that, then: select amocrm_resume()",
    ],
    sending_slowed: [
      "One request in {interval} ms instead of {set}, after a 429; it quickens again by itself",
      "if it stays: npm run amocrm -- setup --min-interval-ms {interval}, or fewer requests of other integrations",
    ],
    sending_small: ["At most {size} items in a request, after timeouts; it grows again by itself"],

    queue_ok: ["Nothing is stuck"],
    queue_dead: ["Dead messages: {count}", "npm run amocrm -- dead"],
    queue_unrouted: [
      "Leads that wait for a route: {count}",
      "insert into amocrm_routes (source) values ('*')",
    ],
    queue_behind: [
      "Messages that wait longer than usual: {count}, the oldest {minutes} min",
      "select * from amocrm_outbox_status; if it is the pace: npm run amocrm -- setup --min-interval-ms <fewer>",
    ],
    queue_uncertain: [
      "Sent without an answer: {count}, the oldest {minutes} min ago",
      "select * from amocrm_outbox where state = 'uncertain'",
    ],
    queue_no_handler: ["{kind}: {count} wait for a version that can send them"],
    duplicates: ["Pairs that look like one: {count}", "select * from amocrm_duplicates"],

    mirror_ok: ["Complete, read {minutes} min ago"],
    mirror_incomplete: [
      "Not complete yet: each new person costs up to two searches",
      "npm run amocrm -- pull",
    ],
    mirror_failing: ["The last {count} pulls of {entity}s failed", "npm run amocrm -- pull"],
    mirror_old: ["Read {minutes} min ago", "npm run amocrm -- pull"],

    alerts_ok: ["Incidents are told to {roads}"],
    alerts_nowhere: [
      "Nobody is told when something breaks: not set for mail: {names}; no address beside it",
      "npx supabase secrets set ADMIN_EMAIL=… and the rest of docs/mail.md; npm run amocrm -- setup --alert-url https://…",
    ],
    alerts_no_mail: [
      "No mail when something breaks, not set: {names}; only what is critical is told, by {roads}",
      "npx supabase secrets set ADMIN_EMAIL=… and the rest of docs/mail.md",
    ],
    alerts_by_mail_only: [
      "Nobody is told when the functions themselves are down, since they send the mail",
      "npm run amocrm -- setup --alert-url https://…, or --dead-man-url https://…",
    ],
    alert_road_broken: [
      "{host} is of no use for alerts: {reason}",
      "npm run amocrm -- setup --alert-url https://…, or --dead-man-url https://…",
    ],
  },
};
