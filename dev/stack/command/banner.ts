import type { Stack } from "../stack.ts";

export interface BannerFacts {
  stack: Pick<Stack, "url" | "publishableKey" | "functionsUrl" | "dbUrl">;
  amocrmUrl: string;
  isSimulator: boolean;
  /** Where simulated mails are shown; undefined if real ones go out. */
  mailUrl: string | undefined;
  managersUrl: string;
  stackFile: string;
  /** The folder of kept data; undefined for a database that starts empty each time. */
  dataDir: string | undefined;
  isOutsideDatabase: boolean;
}

const RULE = "!".repeat(78);

/** What `npm run dev` prints once everything is up: where things are, and above all which account it writes to. */
export function bannerOf(facts: BannerFacts): string {
  const { stack, stackFile, dataDir } = facts;
  const data = facts.isOutsideDatabase
    ? "outside, with its own extensions (--db-url)"
    : dataDir === undefined
      ? "empty at each start (--keep keeps it)"
      : `kept in ${dataDir}`;
  return `
${accountOf(facts)}
${mailOf(facts)}

  API        ${stack.url}
  Functions  ${stack.functionsUrl}
  Database   ${facts.isOutsideDatabase ? "" : `${stack.dbUrl()}\n             `}${data}
  Managers   ${facts.managersUrl}
  Details    ${stackFile} (keys, addresses, process ids; removed at the end)

Post a lead as a visitor of the landing page:

  curl -i ${stack.url}/rest/v1/landing_leads \\
    -H 'apikey: ${stack.publishableKey}' -H 'content-type: application/json' \\
    -d '{"full_name": "Ada Lovelace", "email": "ada@example.com", "source": "landing"}'

A lead waits until a route says where it goes: npm run amocrm -- setup --help
See what became of it (psql, or any client):  select * from public.amocrm_outbox;
Stop with Ctrl-C.
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
