import { sayIn } from "#shared/platform/text.ts";
import { type ConnectFlags, runConnect } from "../commands/connect.ts";
import { type FormsFlags, runForms } from "../commands/forms.ts";
import { type LinksFlags, runLinks } from "../commands/links.ts";
import { runPage } from "../commands/page.ts";
import { runSetup, type SetupDialogue } from "../commands/setup.ts";
import { runUninstall, type UninstallFlags } from "../commands/uninstall.ts";
import { runUser, type UserFlags } from "../commands/user.ts";
import { runWebhook, type WebhookFlags } from "../commands/webhook.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output.ts";
import { ARE_PAGES_BUILT, readBuiltPage } from "../pages/built.ts";
import type { PageFlags } from "../pages/order.ts";
import type { SetupFlags } from "../setup-order.ts";
import type { Terminal } from "../terminal.ts";
import { readOurs } from "../uninstall/ours.ts";
import { createSupabaseCli } from "../uninstall/supabase-cli.ts";
import { CONNECT } from "../words/connect.ts";
import { FORMS } from "../words/forms.ts";
import { LINKS } from "../words/links.ts";
import { PAGE } from "../words/page.ts";
import { SETUP } from "../words/setup.ts";
import { UNINSTALL } from "../words/uninstall.ts";
import { USER } from "../words/user.ts";
import { WEBHOOK } from "../words/webhook.ts";
import type { Registrar } from "./registrar.ts";

/** The commands that begin and end it. */
export function addSettingUp(
  { add, addFree, language }: Registrar,
  { env }: Host,
  output: Output,
  terminal: Terminal,
  dialogue: SetupDialogue | null,
): void {
  add<SetupFlags>(
    "setup",
    SETUP,
    {
      "--pipeline <id>": SETUP.pipeline,
      "--status <id>": SETUP.status,
      "--responsible <id>": SETUP.responsible,
      "--source <name>": SETUP.source,
      "--on-repeat <what>": SETUP.onRepeat,
      "--deal-name <template>": SETUP.dealName,
      "--tag <name>": SETUP.tag,
      "--stage <event=pipeline:stage>": SETUP.stage,
      "--field <entity.path=field>": SETUP.field,
      "--marker": SETUP.marker,
      "--utm": SETUP.utm,
      "--min-interval-ms <n>": SETUP.minInterval,
      "--switch": SETUP.switch,
      "--functions-url <url>": SETUP.functionsUrl,
      "--force": SETUP.force,
      "--cron-key <key>": SETUP.cronKey,
      "--monitor-token": SETUP.monitorToken,
      "--alert-url <url>": SETUP.alertUrl,
      "--dead-man-url <url>": SETUP.deadManUrl,
      "--yes": SETUP.yes,
    },
    (flags, context) => runSetup(flags, context, dialogue),
  );
  add<ConnectFlags>("connect", CONNECT, { "--switch": CONNECT.switch }, (flags, context) =>
    runConnect(flags, context, terminal),
  );
  add<UserFlags>(
    "user",
    USER,
    { "--email <address>": USER.email, "--role <role>": USER.role },
    (flags, context) => runUser(flags, context, globalThis.fetch),
  ).argument("[action]", sayIn(language)(USER.action));
  add<FormsFlags>(
    "forms",
    FORMS,
    { "--source <name>": FORMS.source, "--map <column=name>": FORMS.map },
    runForms,
  ).argument("[words...]", sayIn(language)(FORMS.words));
  add<LinksFlags>("links", LINKS, { "--lead <id>": LINKS.lead }, runLinks).argument(
    "[words...]",
    sayIn(language)(LINKS.words),
  );
  add<WebhookFlags>("webhook", WEBHOOK, {}, runWebhook).argument("[mode]", sayIn(language)(WEBHOOK.mode));
  if (ARE_PAGES_BUILT)
    addFree<PageFlags>(
      "page",
      PAGE,
      {
        "--url <url>": PAGE.url,
        "--key <key>": PAGE.key,
        "--out <file>": PAGE.out,
        "--brand <name>": PAGE.brand,
        "--logo <file>": PAGE.logo,
        "--course <url>": PAGE.course,
      },
      (flags, local) =>
        runPage(flags, { local, output, say: sayIn(language), templateOf: readBuiltPage, folder: "." }),
    ).argument("[name]", sayIn(language)(PAGE.name));
  addFree<UninstallFlags>(
    "uninstall",
    UNINSTALL,
    {
      "--remote <ref or url>": UNINSTALL.remote,
      "--dry-run": UNINSTALL.dryRun,
      "--export <file>": UNINSTALL.export,
      "--confirm <ref>": UNINSTALL.confirm,
    },
    (flags, local) =>
      runUninstall(flags, {
        local,
        environment: env,
        output,
        say: sayIn(language),
        prompts: dialogue?.prompts ?? null,
        ours: readOurs(),
        supabase: createSupabaseCli(env),
      }),
  );
}
