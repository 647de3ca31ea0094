import { describe, expect, it } from "vitest";
import { checkToken } from "#shared/admin/doctor/token.ts";
import { CONNECTED, CONNECTION_CASES } from "./support/connection-cases.ts";
import { createPatient } from "./support/patient.ts";

const PROJECT = "own.supabase.co";
const accessOf = (accessToken: string | null) => ({ accessToken, session: null });

describe("checkToken", () => {
  it.each(CONNECTION_CASES)(
    "tells of a connection when $when",
    ({ account, residence, says: [code, facts] }) => {
      const healthy = createPatient().facts;
      const seen = {
        ...healthy,
        account,
        residence: residence === undefined ? healthy.residence : residence,
      };
      expect(checkToken(seen, accessOf(null), PROJECT)).toMatchObject([{ code, facts }]);
    },
  );

  it("goes by the long-lived token where there is one, which wins over a connection", () => {
    const facts = { ...createPatient().facts, account: { ...CONNECTED, state: "reauth_required" } };
    expect(checkToken(facts, accessOf("opaque"), PROJECT)).toMatchObject([{ code: "token_ok" }]);
  });

  it("tells a copy and a restored database also where a long-lived token is set, with its command", () => {
    const command = "npm run amocrm -- setup --switch";
    const { facts } = createPatient();
    const copied = { ...facts, residence: { project: "original.supabase.co", is_restored: false } };
    expect(checkToken(copied, accessOf("opaque"), PROJECT)).toMatchObject([
      { code: "token_foreign", facts: { command } },
    ]);
    const restored = { ...facts, residence: { project: PROJECT, is_restored: true } };
    expect(checkToken(restored, accessOf("opaque"), PROJECT)).toMatchObject([
      { code: "token_restored", facts: { command } },
    ]);
  });

  it("says each time that a session service is the last resort, and asks for no connection", () => {
    const access = { accessToken: null, session: { url: "http://localhost:3002", secret: "s" } };
    expect(checkToken(createPatient().facts, access, PROJECT)).toMatchObject([
      { code: "token_session", outcome: "warning", facts: { url: "http://localhost:3002" } },
    ]);
    const copied = { ...createPatient().facts, residence: { project: "other", is_restored: false } };
    expect(checkToken(copied, access, PROJECT)).toMatchObject([
      { code: "token_foreign", facts: { command: "npm run amocrm -- setup --switch" } },
    ]);
  });

  it("tells a long-lived token of another account", () => {
    const token = `x.${btoa(JSON.stringify({ account_id: 7_770_002, exp: 4_000_000_000 }))}.y`;
    const facts = { ...createPatient().facts, account: CONNECTED };
    expect(checkToken(facts, accessOf(token), PROJECT)).toMatchObject([
      { code: "token_other_account", facts: { id: 5_550_001 } },
    ]);
    expect(
      checkToken({ ...facts, account: { ...CONNECTED, account_id: 7_770_002 } }, accessOf(token), PROJECT),
    ).toMatchObject([{ code: "token_lasts" }]);
  });

  it.each(["", "a.b.c", "a..c", "h.e30.s", "h.bnVsbA.s"])(
    "takes a token that says nothing for good: %j",
    (token) => {
      expect(checkToken(createPatient().facts, accessOf(token), PROJECT)).toMatchObject([
        { code: "token_ok" },
      ]);
    },
  );
});
