import path from "node:path";
import type { Stack } from "../stack.ts";

export interface BannerFacts {
  stack: Pick<Stack, "url" | "publishableKey" | "functionsUrl" | "dbUrl">;
  amocrmUrl: string;
  isSimulator: boolean;
  /** Where simulated mails are shown; undefined if real ones go out. */
  mailUrl: string | undefined;
  managersUrl: string;
  stackFile: string;
  secretsFile: string;
  /** Whether amoCRM has to be connected first. */
  isOauth: boolean;
  /** The folder of kept data; undefined for a database that starts empty each time. */
  dataDir: string | undefined;
  isOutsideDatabase: boolean;
}

/** Where the operator's command looks when it is told nothing. */
const DEFAULT_STACK_FILE = ".dev/stack.json";
const RULE = "!".repeat(78);

/** What `npm run dev` prints once everything is up: where things are, and above all which account it writes to. */
export function bannerOf(facts: BannerFacts): string {
  const { stack, stackFile, secretsFile, dataDir } = facts;
  const data = facts.isOutsideDatabase
    ? "outside, with its own extensions (--db-url)"
    : dataDir === undefined
      ? "empty at each start (--keep keeps it)"
      : `kept in ${dataDir}`;
  const local = stackFile === path.resolve(DEFAULT_STACK_FILE) ? "" : ` --local ${stackFile}`;
  return `
${accountOf(facts)}
${mailOf(facts)}

  API        ${stack.url}
  Functions  ${stack.functionsUrl}
  Database   ${facts.isOutsideDatabase ? "" : `${stack.dbUrl()}\n             `}${data}
  Managers   ${facts.managersUrl}
  Details    ${stackFile} (keys, addresses, process ids; removed at the end)
  Variables  ${secretsFile} (yours to make: a line NAME=value is what supabase secrets set is on a hosted project)
${facts.isOauth ? `\nConnect amoCRM, in a browser on this machine:  npm run amocrm -- connect${local}\n` : ""}
Say where leads go (without --yes it asks):  npm run amocrm -- setup --yes${local}
Post a lead as a visitor of the landing page:

  curl -i ${stack.url}/rest/v1/landing_leads \\
    -H 'apikey: ${stack.publishableKey}' -H 'content-type: application/json' \\
    -d '{"full_name": "Ada Lovelace", "email": "ada@example.com", "source": "landing"}'

See what became of it:  npm run amocrm -- status${local}, or npm run amocrm -- find --email ada@example.com${local}
Break something, and mend it:  docs/rehearsal.md. Stop with Ctrl-C.
`;
}

function accountOf({ amocrmUrl, isSimulator }: BannerFacts): string {
  if (isSimulator) return `amoCRM: the simulator at ${amocrmUrl}. Nothing leaves this machine.`;
  return `${RULE}
!!  amoCRM: WRITES TO ${amocrmUrl}
!!  Every lead posted here becomes a contact and a deal in that account.
!!  Unset AMOCRM_BASE_URL and AMOCRM_SUBDOMAIN to use the simulator instead.
${RULE}`;
}

function mailOf({ mailUrl }: BannerFacts): string {
  if (mailUrl !== undefined) return `Mail: shown at ${mailUrl}. None is sent.`;
  return `${RULE}
!!  MAIL: REAL MAILS GO OUT TO EACH NEW STUDENT
!!  Unset RESEND_API_KEY and RESEND_BASE_URL to use the simulator instead.
${RULE}`;
}
