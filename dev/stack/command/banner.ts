import path from "node:path";
import { type Language, type Say, sayIn, type Text } from "#shared/platform/text.ts";
import { BANNER } from "../../words/dev.ts";
import type { Stack } from "../stack.ts";
import type { LocalAccount } from "./accounts.ts";

export interface BannerFacts {
  stack: Pick<Stack, "url" | "publishableKey" | "functionsUrl" | "dbUrl">;
  amocrmUrl: string;
  isSimulator: boolean;
  /** Where simulated mails are shown; undefined if real ones go out. */
  mailUrl: string | undefined;
  managersUrl: string;
  dashboardUrl: string;
  cardUrl: string;
  accounts: readonly LocalAccount[];
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
export function bannerOf(facts: BannerFacts, language: Language): string {
  const say = sayIn(language);
  const { stack, stackFile } = facts;
  const local = stackFile === path.resolve(DEFAULT_STACK_FILE) ? "" : ` --local ${stackFile}`;
  const command = (words: string): string => `npm run amocrm -- ${words}${local}`;
  return `
${accountOf(facts, say)}
${mailOf(facts, say)}

${placesOf(facts, say)}

${say(BANNER.signIn)}
${facts.accounts.map((account) => accountLine(account, say)).join("\n")}
${facts.isOauth ? `\n${say(BANNER.connect)}  ${command("connect")}\n` : ""}
${say(BANNER.route)}  ${command("setup --yes")}
${say(BANNER.post)}

  curl -i ${stack.url}/rest/v1/landing_leads \\
    -H 'apikey: ${stack.publishableKey}' -H 'content-type: application/json' \\
    -d '{"full_name": "Ada Lovelace", "email": "ada@example.com", "source": "landing"}'

${say(BANNER.see, { one: command("status"), other: command("find --email ada@example.com") })}
${say(BANNER.end, { place: BANNER.rehearsal })}
`;
}

function placesOf({ stack, stackFile, secretsFile, ...facts }: BannerFacts, say: Say): string {
  const data = facts.isOutsideDatabase
    ? say(BANNER.outside)
    : facts.dataDir === undefined
      ? say(BANNER.empty)
      : say(BANNER.kept, { folder: facts.dataDir });
  const rows: [Text | null, string][] = [
    [BANNER.api, stack.url],
    [BANNER.functions, stack.functionsUrl],
    ...(facts.isOutsideDatabase ? [] : [[BANNER.database, stack.dbUrl()] as [Text, string]]),
    [facts.isOutsideDatabase ? BANNER.database : null, data],
    [BANNER.managers, facts.managersUrl],
    [BANNER.dashboard, facts.dashboardUrl],
    [BANNER.card, facts.cardUrl],
    [BANNER.details, say(BANNER.detailsAre, { file: stackFile })],
    [BANNER.variables, say(BANNER.variablesAre, { file: secretsFile })],
  ];
  return rows.map(([name, value]) => `  ${(name === null ? "" : say(name)).padEnd(10)} ${value}`).join("\n");
}

const MAY: Readonly<Record<LocalAccount["role"], Text>> = {
  admin: BANNER.admin,
  viewer: BANNER.viewer,
  sales_manager: BANNER.manager,
};

function accountLine({ role, email, password }: LocalAccount, say: Say): string {
  return `  ${email.padEnd(20)} ${password}   ${role}: ${say(MAY[role])}`;
}

function accountOf({ amocrmUrl, isSimulator }: BannerFacts, say: Say): string {
  return isSimulator
    ? say(BANNER.simulator, { url: amocrmUrl })
    : warning(say(BANNER.account, { url: amocrmUrl }));
}

function mailOf({ mailUrl }: BannerFacts, say: Say): string {
  return mailUrl === undefined ? warning(say(BANNER.mailSent)) : say(BANNER.mailShown, { url: mailUrl });
}

function warning(text: string): string {
  return `${RULE}\n${text.replace(/^/gm, "!!  ")}\n${RULE}`;
}
