import { ConnectAnswer, ConnectionAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { durationOf } from "../output.ts";
import type { Terminal } from "../terminal.ts";

export const CONNECT_HELP = `
Prints a link and waits until somebody has connected amoCRM with it: open it in a browser, or send it to the administrator
of the amoCRM account, and allow access. The link lasts for 30 minutes and connects once; fetching it, as mail scanners and
chat previews do, does not spoil it. Ctrl-C ends the waiting only.

Needed are AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_REDIRECT_URI of the integration (supabase secrets set), and no
AMOCRM_ACCESS_TOKEN. The redirect URI is <project>/functions/v1/amocrm-oauth/callback.

Another account than the one connected before is refused, because leads would go to the wrong place. With --switch it is
taken: what is known of the old account's contacts and deals is forgotten, and sending is paused until routes are checked.

Exit code: 0 if connected, or with --json as soon as there is a link; 1 if the link expired, the waiting was interrupted or
something is missing; 2 for wrong usage; 3 if the project cannot be asked.

Examples:
  npm run amocrm -- connect
  npx amocrm connect --json | jq -r .url
  npm run amocrm -- connect --switch`;

/** The flags of `connect`, as typed. */
export interface ConnectFlags {
  switch?: true;
}

const POLL_MS = 3000;

type Link = Extract<ConnectAnswer, { outcome: "ready" }>;
type Account = NonNullable<ConnectionAnswer["account"]>;

/** `connect`: makes a link, and waits until it was used. */
export async function runConnect(flags: ConnectFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output } = context;
  const answer = await askAdmin({ action: "connect", switch: flags.switch === true }, ConnectAnswer);
  if (answer.outcome === "refused") throw new Failure(answer.code, answer.message, answer.remedy);
  for (const warning of answer.warnings) output.note(`! ${warning}`);
  output.document({
    url: answer.url,
    expires_at: answer.expires_at,
    link_id: answer.link_id,
    redirect_uri: answer.redirect_uri,
    warnings: answer.warnings,
  });
  if (output.isJson) return EXIT.ok;
  output.line("Open this link in a browser, or send it to the administrator of the amoCRM account:");
  output.line();
  output.line(`  ${answer.url}`);
  output.line();
  const account = await connected(answer, context, terminal);
  output.line(
    `✓ Connected: ${account.host}${account.account_id === null ? "" : `, account ${account.account_id}`}`,
  );
  output.line("  npm run amocrm -- status tells whether leads arrive");
  return EXIT.ok;
}

/** Waits for the link to be used; says once what went wrong on the way, since it may be opened again. */
async function connected(link: Link, context: Context, terminal: Terminal): Promise<Account> {
  const { askAdmin, output } = context;
  const interruption = terminal.interruption();
  let told: string | null = null;
  for (let nowMs = context.nowMs; !interruption.aborted; nowMs += POLL_MS) {
    const { account, link: progress } = await askAdmin(
      { action: "connection", link_id: link.link_id },
      ConnectionAnswer,
    );
    if (progress?.state === "used" && account !== null) {
      terminal.showProgress("");
      return account;
    }
    if (progress === null || progress.state !== "open") {
      terminal.showProgress("");
      throw new Failure(
        "link_expired",
        "Nobody has connected amoCRM with the link, and it has expired",
        RETRY,
      );
    }
    const { last_outcome: outcome } = progress;
    if (outcome !== null && outcome !== told) {
      terminal.showProgress("");
      output.line(`✗ The last try ended with ${outcome}; the page says why. The link still works.`);
      told = outcome;
    }
    terminal.showProgress(`Waiting: ${durationOf(Date.parse(progress.expires_at) - nowMs)} at most`);
    await terminal.wait(POLL_MS, interruption);
  }
  terminal.showProgress("");
  throw new Failure(
    "interrupted",
    "Not connected yet",
    "The link works until it expires, also without this command",
  );
}

const RETRY = "npm run amocrm -- connect makes a new one";
