import type { Session, TestDatabase } from "./database.ts";

export interface Caller {
  role: "anon" | "authenticated" | "service_role";
  /** The JWT's further claims. */
  claims?: { sub?: string; app_metadata?: { role?: string } };
}

export const STUDENT_ID = "11111111-1111-4111-8111-111111111111";
export const OTHER_STUDENT_ID = "22222222-2222-4222-8222-222222222222";

export const ANON: Caller = { role: "anon" };
export const STUDENT: Caller = { role: "authenticated", claims: { sub: STUDENT_ID, app_metadata: {} } };
export const MANAGER: Caller = {
  role: "authenticated",
  claims: { sub: "33333333-3333-4333-8333-333333333333", app_metadata: { role: "sales_manager" } },
};
export const ADMIN: Caller = {
  role: "authenticated",
  claims: { sub: "44444444-4444-4444-8444-444444444444", app_metadata: { role: "admin" } },
};
export const VIEWER: Caller = {
  role: "authenticated",
  claims: { sub: "55555555-5555-4555-8555-555555555555", app_metadata: { role: "viewer" } },
};
export const SERVICE: Caller = { role: "service_role" };

/** Runs the body in one transaction as the caller, the way PostgREST does. */
export type RunAs = <T>(caller: Caller, body: (sql: Session) => Promise<T>) => Promise<T>;

export interface RunAsOptions {
  /** Undo what the body did, also if it succeeded: an attack then leaves nothing for the next one. */
  rollsBack?: boolean;
}

/** A session of the Data API's login role, which may become anon, authenticated or service_role and nothing else. */
export function openDataApi(database: TestDatabase, options: RunAsOptions = {}): RunAs {
  const session = database.connect({ user: "authenticator" });
  return async (caller, body) => {
    const claims = JSON.stringify({ role: caller.role, ...caller.claims });
    await session.unsafe("begin");
    try {
      await session.unsafe(`set local role ${caller.role}`);
      await session`select set_config('request.jwt.claims', ${claims}, true)`;
      const result = await body(session);
      await session.unsafe(options.rollsBack === true ? "rollback" : "commit");
      return result;
    } catch (error) {
      await session.unsafe("rollback");
      throw error;
    }
  };
}
