import type { DoctorFacts } from "../../../../../supabase/functions/_shared/admin/doctor/facts.ts";
import type { Finding } from "../../../../../supabase/functions/_shared/admin/doctor/finding.ts";
import { ago, DAY_MS } from "./patient.ts";

type Account = NonNullable<DoctorFacts["account"]>;

/** Connected by OAuth, and well. */
export const CONNECTED: Account = {
  host: "https://sim.amocrm.ru",
  access: "oauth",
  state: "connected",
  project: "own.supabase.co",
  access_expires_at: ago(-DAY_MS),
  refresh_expires_at: ago(-90.5 * DAY_MS),
  failure_count: 0,
  last_error_code: null,
  is_readable: true,
};

/** What the database knows of the connection, and the one thing that doctor says of it. */
export const CONNECTION_CASES: { when: string; account: Account | null; says: [string, Finding["facts"]] }[] =
  [
    { when: "nobody has connected", account: null, says: ["token_none", {}] },
    {
      when: "a long-lived token was used before, and is not set any more",
      account: { ...CONNECTED, access: "long_lived" },
      says: ["token_none", {}],
    },
    {
      when: "all is well",
      account: CONNECTED,
      says: ["token_connected", { host: CONNECTED.host, days: 90 }],
    },
    {
      when: "a refresh is under way",
      account: { ...CONNECTED, state: "refreshing" },
      says: ["token_connected", { host: CONNECTED.host, days: 90 }],
    },
    {
      when: "amoCRM ended it",
      account: { ...CONNECTED, state: "reauth_required", last_error_code: "token_revoked" },
      says: ["token_reauth", { host: CONNECTED.host, reason: "token_revoked" }],
    },
    {
      when: "another project made it",
      account: { ...CONNECTED, project: "original.supabase.co", is_readable: false },
      says: ["token_foreign", { project: "original.supabase.co" }],
    },
    {
      when: "Vault has lost it",
      account: { ...CONNECTED, is_readable: false },
      says: ["token_unreadable", {}],
    },
    {
      when: "refreshes fail",
      account: { ...CONNECTED, failure_count: 3, last_error_code: "server_error" },
      says: ["token_refresh_failing", { count: 3, reason: "server_error" }],
    },
    {
      when: "a refresh failed once",
      account: { ...CONNECTED, failure_count: 1, last_error_code: "timeout" },
      says: ["token_connected", { host: CONNECTED.host, days: 90 }],
    },
  ];
