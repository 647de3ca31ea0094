import { z } from "zod";

/** The roles that people may have (`app_metadata.role`); everybody else who signs in is a student. */
export const ROLES = ["admin", "viewer", "sales_manager"] as const;
export type Role = (typeof ROLES)[number];

/** How Supabase Auth of a project is reached, with the right to make accounts. */
export interface AccountsProject {
  url: string;
  secretKey: string;
  fetch: typeof globalThis.fetch;
}

/** What Supabase Auth answered instead of doing it; `code` is its own name for the reason. */
export class AccountFault extends Error {
  override readonly name = "AccountFault";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const userSchema = z.object({ id: z.string(), email: z.string().nullish() });
const usersSchema = z.object({ users: z.array(userSchema) });
const faultSchema = z.object({ error_code: z.string().optional(), msg: z.string().optional() });
const PAGE_SIZE = 1000;

/**
 * Gives the role to the account of an address, which is made if it is not there. A new account gets the password; one
 * that is there keeps its own unless `isPasswordReset`. A null role takes the role away, and makes no account.
 */
export async function ensureAccount(
  project: AccountsProject,
  account: { email: string; role: Role | null; password: string; isPasswordReset?: boolean },
): Promise<"made" | "changed" | "absent"> {
  const email = account.email.trim().toLowerCase();
  const metadata = { app_metadata: { role: account.role } };
  const { password } = account;
  if (account.role !== null) {
    try {
      await ask(project, "POST", "", { email, password, email_confirm: true, ...metadata });
      return "made";
    } catch (error) {
      // Also the database's fault where two are made at once: whether one is there is seen below.
      if (!(error instanceof AccountFault) || !/_exists$|^unexpected_failure$/.test(error.code)) throw error;
    }
  }
  const id = await findAccount(project, email);
  if (id === null) return "absent";
  const reset = account.isPasswordReset ? { password, email_confirm: true } : {};
  await ask(project, "PUT", `/${id}`, { ...metadata, ...reset });
  return "changed";
}

/** The id of the address's account. Supabase Auth looks nobody up by address, so the list is read page by page. */
async function findAccount(project: AccountsProject, email: string): Promise<string | null> {
  for (let page = 1; ; page++) {
    const answer = await ask(project, "GET", `?page=${page}&per_page=${PAGE_SIZE}`);
    const { users } = usersSchema.parse(answer);
    const found = users.find((user) => user.email?.toLowerCase() === email);
    if (found !== undefined) return found.id;
    if (users.length < PAGE_SIZE) return null;
  }
}

async function ask(project: AccountsProject, method: string, path: string, body?: object): Promise<unknown> {
  const { secretKey } = project;
  const answer = await project.fetch(`${project.url}/auth/v1/admin/users${path}`, {
    method,
    headers: {
      apikey: secretKey,
      "content-type": "application/json",
      // An old service_role key is a token itself; the gateway exchanges a new one.
      ...(secretKey.startsWith("eyJ") ? { authorization: `Bearer ${secretKey}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const content: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const fault = faultSchema.safeParse(content).data;
  const code = fault?.error_code ?? `http_${answer.status}`;
  throw new AccountFault(answer.status, code, fault?.msg ?? `Supabase Auth answered ${answer.status}`);
}
