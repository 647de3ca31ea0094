import type { DoctorFacts } from "#shared/admin/doctor/facts.ts";
import type { Finding } from "#shared/admin/doctor/finding.ts";
import { ago, DAY_MS } from "./patient.ts";

type Account = NonNullable<DoctorFacts["account"]>;

/** Connected by OAuth, and well. */
export const CONNECTED: Account = {
  host: "https://sim.amocrm.ru",
  access: "oauth",
  state: "connected",
  account_id: 5_550_001,
  access_expires_at: ago(-DAY_MS),
  refresh_expires_at: ago(-90.5 * DAY_MS),
  failure_count: 0,
  last_error_code: null,
  is_readable: true,
};

/** What the database knows of the connection, and the one thing that doctor says of it. */
export const CONNECTION_CASES: {
  when: string;
  account: Account | null;
  residence?: DoctorFacts["residence"];
  says: [string, Finding["facts"]];
}[] = [
  {
    when: "this is a copy of another project's database",
    account: { ...CONNECTED, is_readable: false },
    residence: { project: "original.supabase.co", is_restored: true },
    says: ["token_foreign", { project: "original.supabase.co", command: "npm run amocrm -- connect" }],
  },
  {
    when: "the database was restored",
    account: CONNECTED,
    residence: { project: "own.supabase.co", is_restored: true },
    says: ["token_restored", { command: "npm run amocrm -- connect" }],
  },
  {
    when: "nothing has been sent yet",
    account: CONNECTED,
    residence: null,
    says: ["token_connected", { host: CONNECTED.host, days: 90 }],
  },
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
    when: "what was taken over is another account's",
    account: { ...CONNECTED, state: "reauth_required", last_error_code: "other_account" },
    says: ["token_other_account", { id: 5_550_001, command: "npm run amocrm -- connect --switch" }],
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
