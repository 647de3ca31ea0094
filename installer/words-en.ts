import type { Words } from "./words.ts";

/** The sentences in English; each fault says what to type. */
export const EN: Words = {
  help: `supabase-amocrm init | update | doctor | uninstall

Brings the delivery to amoCRM into a Supabase project that is there already, or takes it out. It writes files of the supabase
folder and nothing else: you look at them, commit them, and push and deploy as usual.

  init        writes migrations behind your own, functions, and their part of config.toml
  update      replaces our files that you have not changed, and adds the migrations that are new
  doctor      compares the package with the files, and with --remote with what is applied and deployed
  uninstall   takes our files out, and adds a migration that takes it out of the database; leads and students stay

  --modules a,b        amocrm, mail, school, forms, sms, links, followups, analytics, loyalty, dashboard; default: all. Migrations are one whole, modules choose functions
  --supabase-dir DIR   where the supabase folder is; default: ./supabase
  --dry-run            prints all that would be done and does nothing; exit code 2 if there is something
  --yes                asks nothing
  --baseline VERSION   init: a squashed migration of yours holds ours of that version
  --replace            update: takes the migrations that are there out by a further one, and begins anew
  --remote REF|URL     update, doctor: also asks the project, by the Supabase CLI and its login
  --lang en|ru         the language; default: the shell's

Exit code: 0 done, or nothing to do; 1 refused, or doctor found a difference; 2 a dry run with changes.`,
  unknown_command: ({ name }) =>
    name === ""
      ? "Say what to do: supabase-amocrm init"
      : `There is no command ${name}: supabase-amocrm --help`,
  usage: ({ reason }) => `${reason}: supabase-amocrm --help`,
  module_unknown: ({ name, all }) => `There is no module ${name}: --modules ${all}`,
  module_none: ({ all }) => `--modules names none: --modules ${all}`,
  module_added: ({ name, for: of }) => `The module ${of} needs ${name}: both are taken.`,
  cannot_ask: () => "Nobody can be asked here: add --yes, or --dry-run to look only",
  declined: () => "Nothing was written.",
  question: ({ count }) => `Write these ${count} changes?`,

  schema_there: ({ file, version }) =>
    `${file} makes the schema amocrm: if it is ours in a squashed history, type supabase-amocrm init --baseline ${version}, else rename yours`,
  cron_job_there: ({ file, name }) =>
    `${file} makes a cron job ${name}, which ours is called too: rename yours in a new migration`,
  vault_name_there: ({ file, name }) =>
    `${file} makes a Vault secret ${name}, and names with amocrm_ are ours: rename yours`,
  object_there: ({ file, name }) =>
    `${file} makes public.${name}, which ours is called too: rename yours in a new migration`,
  config_function_there: ({ name }) =>
    `config.toml has a [functions.${name}] that we did not write: take it out, and supabase-amocrm init again`,
  config_vault_there: ({ name }) =>
    `[db.vault] in config.toml has another ${name}: take that line out, and try again`,
  config_unknown_form: () =>
    "config.toml writes functions or db.vault as an inline table: write them as [functions.name] and [db.vault], and try again",
  config_unreadable: ({ line }) => `config.toml is no TOML in line ${line}: mend it, and try again`,
  version_too_late: ({ file }) =>
    `Nothing can be sorted after ${file}: rename it to a time (YYYYMMDDhhmmss_name.sql), and try again`,
  another_set: ({ version }) =>
    `The migrations that are here are not those of ${version}, and none leads from the one to the other: send what is pending, then type supabase-amocrm update --replace (leads and students stay, the queue begins anew)`,
  baseline_unknown: ({ baseline, version }) =>
    `This package knows the migrations of ${version} only, not of ${baseline}: npx supabase-amocrm@${baseline} init --baseline ${baseline}`,
  file_there: ({ place }) => `${place} is there, and not ours: rename it, and try again`,
  file_changed: ({ place, ours }) =>
    `${place} was changed by somebody: see diff ${ours} ${place}, keep what you need elsewhere, delete it, and try again`,
  record_broken: ({ file }) =>
    `${file} cannot be understood: take it back from Git, or delete it, and try again`,
  downgrade: ({ installed, version }) =>
    `${installed} is installed, which is newer than this package (${version}): npx supabase-amocrm@${installed} update`,
  older_installed: ({ installed }) => `${installed} is installed already: supabase-amocrm update`,
  not_installed: () => "Nothing of it is here: supabase-amocrm init, or name the folder with --supabase-dir",
  amocrm_is_needed: () =>
    "Everything else stands on the module amocrm: supabase-amocrm uninstall without --modules",
  changed_meanwhile: ({ place }) =>
    `${place} was changed while you were asked, and nothing was written: try again`,
  cannot_write: ({ place, code }) =>
    `${place} cannot be written (${code}), and all is as it was: mend that, and try again`,

  deno_1: () => "[edge_runtime] has deno_version = 1, and our functions need 2 where you run them locally.",
  public_not_exposed: () => "[api] does not expose the schema public: forms cannot insert leads.",
  migration_changed: ({ file }) => `${file} was changed by somebody; it stays as it is.`,
  replacing: () =>
    "The queue and its settings are taken out and made anew: run supabase-amocrm doctor and amocrm setup afterwards.",
  deno_json_kept: ({ place }) => `${place} stays: your own functions may use it. Delete it if they do not.`,
  nothing_there: () => "Nothing of it is here.",

  heading: ({ version, folder }) => `supabase-amocrm ${version}, ${folder}`,
  nothing_to_do: () => "✓ All is as it should be: nothing to do.",
  would: ({ count }) => `${count} changes would be made; nothing was written.`,
  counts: ({ added, replaced, removed }) => `${added} files new, ${replaced} replaced, ${removed} removed`,
  written: () => "✓ Written. Look at it with git diff, commit it, and then:",
  next_push: () => "  npx supabase db push                        applies the migrations",
  next_include: () => "  npx supabase db push --include-all          if some of yours are not applied yet",
  next_deploy: ({ slugs }) => `  npx supabase functions deploy ${slugs} --use-api`,
  next_delete: ({ slugs }) => `  npx supabase functions delete <name>        ${slugs}`,
  next_setup: () =>
    "  npx amocrm setup                            routes, fields and Vault; then npx amocrm doctor",

  files_ok: ({ version }) => `✓ Files: ${version}, as the package has them`,
  files_differ: ({ count }) => `✗ Files: ${count} differ: supabase-amocrm update --dry-run`,
  refused: ({ reason }) => `✗ Files: ${reason}`,
  applied_ok: ({ count, version }) => `✓ Applied: all ${count} migrations, the database says ${version}`,
  applied_missing: ({ count, all }) =>
    `✗ Applied: ${count} of our ${all} migrations are not: npx supabase db push`,
  deployed_ok: ({ count }) => `✓ Deployed: all ${count} functions`,
  deployed_missing: ({ slugs }) =>
    `✗ Deployed: not ${slugs}: npx supabase functions deploy ${slugs} --use-api`,
  deployed_otherwise: ({ slugs }) =>
    `✗ Deployed: from other files than these are ${slugs}: npx supabase functions deploy ${slugs} --use-api`,
  not_reached: ({ reason, remedy }) => `✗ Applied, deployed: ${reason}. ${remedy}`,
  not_asked: () => "– Applied, deployed: not asked; add --remote <project's ref>",
};
