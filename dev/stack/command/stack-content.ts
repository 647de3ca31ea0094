import type { Stack } from "../stack.ts";
import type { LocalAccount } from "./accounts.ts";
import type { StackFile } from "./stack-file.ts";

/** What the file of a stack tells: where everything is, and whose processes they are. */
export function contentOf(
  stack: Stack,
  beside: {
    amocrmUrl: string;
    pages: { managersUrl: string; dashboardUrl: string; cardUrl: string };
    resendUrl: string | undefined;
    mobizonUrl: string | undefined;
    unisenderUrl: string | undefined;
    accounts: LocalAccount[];
  },
): StackFile {
  const { amocrmUrl, pages, resendUrl, mobizonUrl, unisenderUrl, accounts } = beside;
  const { functions, postgres } = stack.pids;
  return {
    url: stack.url,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    dbUrl: stack.dbUrl(),
    functionsUrl: stack.functionsUrl,
    amocrmUrl,
    ...(resendUrl === undefined ? {} : { resendUrl }),
    ...(mobizonUrl === undefined ? {} : { mobizonUrl }),
    ...(unisenderUrl === undefined ? {} : { unisenderUrl }),
    ...pages,
    accounts,
    pids: {
      dev: process.pid,
      ...(functions === undefined ? {} : { functions }),
      ...(postgres === undefined ? {} : { postgres }),
    },
  };
}
