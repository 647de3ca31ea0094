import { z } from "zod";
import type { Client } from "../postgres/client.ts";

/** The bcrypt cost of hosted is 10; this one keeps tests fast. */
const BCRYPT_COST = 4;

/** Passwords as the auth service stores them, so that accounts can come from hosted and go there. */
export interface Passwords {
  hash(password: string): Promise<string>;
  matches(password: string, hash: string): Promise<boolean>;
}

/**
 * By pgcrypto, over a connection of role `postgres`: the real service has bcrypt of its own, and its role
 * supabase_auth_admin may not use the schema `extensions`.
 */
export function createPasswords(client: Pick<Client, "run">): Passwords {
  return {
    hash: (password) =>
      client.run(async (sql) => {
        const [row] =
          await sql`select extensions.crypt(${password}, extensions.gen_salt('bf', ${BCRYPT_COST})) as hash`;
        return z.string().parse(row?.["hash"]);
      }),
    matches: (password, hash) =>
      client.run(async (sql) => {
        const [row] = await sql`select extensions.crypt(${password}, ${hash}) = ${hash} as is_same`;
        return row?.["is_same"] === true;
      }),
  };
}
