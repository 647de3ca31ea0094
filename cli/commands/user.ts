import { randomBytes } from "node:crypto";
import { z } from "zod";
import { filled, same } from "#shared/platform/text.ts";
import { AccountFault, ensureAccount, ROLES, type Role } from "../accounts.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure, usageFailure } from "../failure.ts";
import { USER } from "../words/user.ts";

/** The flags of `user`, as typed. */
export interface UserFlags {
  action?: string;
  email?: string;
  role?: string;
}

const EXAMPLE = same("npm run amocrm -- user add --role sales_manager --email anna@school.example");

/** `user add`, `user remove`: who may do what on the pages. */
export async function runUser(
  flags: UserFlags,
  context: Context,
  fetch: typeof globalThis.fetch,
): Promise<number> {
  const { action } = flags;
  if (action !== "add" && action !== "remove") throw usageFailure(USER.needsAction, EXAMPLE);
  const email = z.email({ pattern: z.regexes.unicodeEmail }).safeParse(flags.email?.trim().toLowerCase());
  if (!email.success) throw usageFailure(USER.needsEmail, EXAMPLE);
  const role = action === "add" ? roleOf(flags.role) : null;
  const account: Account = { email: email.data, role, password: randomBytes(12).toString("base64url") };
  const outcome = await ensure(context, fetch, account);
  report(context, outcome, account);
  return outcome === "absent" ? EXIT.wrong : EXIT.ok;
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((known) => known === text);
  if (role === undefined) throw usageFailure(filled(USER.needsRole, { roles: ROLES.join(", ") }), EXAMPLE);
  return role;
}

interface Account {
  email: string;
  role: Role | null;
  password: string;
}
type Outcome = Awaited<ReturnType<typeof ensureAccount>>;

async function ensure(
  { target }: Context,
  fetch: typeof globalThis.fetch,
  account: Account,
): Promise<Outcome> {
  const { url, secretKey } = target;
  try {
    return await ensureAccount({ url, secretKey, fetch }, account);
  } catch (error) {
    if (error instanceof AccountFault) {
      const reason = `${error.message} (${error.status})`;
      throw new Failure(error.code, filled(USER.refused, { reason }), null);
    }
    if (error instanceof z.ZodError) throw error;
    throw new Failure("unreached", filled(USER.unreached, { url }), null, EXIT.unreached);
  }
}

function report({ output, say }: Context, outcome: Outcome, { email, role, password }: Account): void {
  output.document({ outcome, email, role, ...(outcome === "made" ? { password } : {}) });
  if (outcome === "absent") output.line(`✗ ${say(USER.absent, { email })}`);
  else if (role === null) output.line(`✓ ${say(USER.removed, { email })}`);
  else output.line(`✓ ${say(outcome === "made" ? USER.made : USER.changed, { email, role })}`);
  if (outcome === "made") output.line(`  ${password}`);
}
