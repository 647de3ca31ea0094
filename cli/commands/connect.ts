import { ConnectAnswer, ConnectionAnswer } from "#shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { durationOf } from "../language/duration.ts";
import { told } from "../language/told.ts";
import type { Terminal } from "../terminal.ts";
import { CONNECT } from "../words/connect.ts";

/** The flags of `connect`, as typed. */
export interface ConnectFlags {
  switch?: true;
}

const POLL_MS = 3000;

type Link = Extract<ConnectAnswer, { outcome: "ready" }>;
type Account = NonNullable<ConnectionAnswer["account"]>;

/** `connect`: makes a link, and waits until it was used. */
export async function runConnect(flags: ConnectFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output, say } = context;
  const answer = await askAdmin({ action: "connect", switch: flags.switch === true }, ConnectAnswer);
  if (answer.outcome === "refused")
    throw new Failure(answer.code, told(answer.message), answer.remedy === null ? null : told(answer.remedy));
  for (const warning of answer.warnings) output.note(`! ${say(told(warning))}`);
  output.document({
    url: answer.url,
    expires_at: answer.expires_at,
    link_id: answer.link_id,
    redirect_uri: answer.redirect_uri,
    warnings: answer.warnings,
  });
  if (output.isJson) return EXIT.ok;
  output.line(say(CONNECT.open));
  output.line();
  output.line(`  ${answer.url}`);
  output.line();
  const account = await connected(answer, context, terminal);
  const { host, account_id: id } = account;
  const line = id === null ? say(CONNECT.connected, { host }) : say(CONNECT.connectedId, { host, id });
  output.line(`✓ ${line}`);
  output.line(`  ${say(CONNECT.next)}`);
  return EXIT.ok;
}

/** Waits for the link to be used; says once what went wrong on the way, since it may be opened again. */
async function connected(link: Link, context: Context, terminal: Terminal): Promise<Account> {
  const { askAdmin, output, say } = context;
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
      throw new Failure("link_expired", CONNECT.expired, CONNECT.again);
    }
    const { last_outcome: outcome } = progress;
    if (outcome !== null && outcome !== told) {
      terminal.showProgress("");
      output.line(`✗ ${say(CONNECT.lastTry, { outcome })}`);
      told = outcome;
    }
    const left = durationOf(Date.parse(progress.expires_at) - nowMs);
    terminal.showProgress(say(CONNECT.waiting, { left }));
    await terminal.wait(POLL_MS, interruption);
  }
  terminal.showProgress("");
  throw new Failure("interrupted", CONNECT.notYet, CONNECT.linkLasts);
}
