import { randomBytes } from "node:crypto";
import { ensureAccount, type Role } from "#cli/accounts.ts";

/** Somebody who can sign in on the local stack's pages. */
export interface LocalAccount {
  role: Role;
  email: string;
  password: string;
}

const EMAILS: readonly (readonly [Role, string])[] = [
  ["admin", "admin@example.com"],
  ["viewer", "viewer@example.com"],
  ["sales_manager", "manager@example.com"],
];

/** Makes one account for each role, with passwords of this start; with kept data the accounts get new ones. */
export async function makeAccounts(stack: { url: string; secretKey: string }): Promise<LocalAccount[]> {
  const accounts = EMAILS.map(([role, email]) => ({ role, email, password: drawPassword() }));
  const project = { ...stack, fetch: globalThis.fetch };
  for (const account of accounts) await ensureAccount(project, { ...account, isPasswordReset: true });
  return accounts;
}

/** 72 random bits, which a person can still type. */
function drawPassword(): string {
  return randomBytes(9).toString("base64url");
}
