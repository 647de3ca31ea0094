import { describe, expect, it } from "vitest";
import { checkToken } from "../../../../supabase/functions/_shared/admin/doctor/token.ts";
import { CONNECTED, CONNECTION_CASES } from "./support/connection-cases.ts";
import { createPatient } from "./support/patient.ts";

const PROJECT = "own.supabase.co";

describe("checkToken", () => {
  it.each(CONNECTION_CASES)("tells of a connection when $when", ({ account, says: [code, facts] }) => {
    expect(checkToken({ ...createPatient().facts, account }, null, PROJECT)).toMatchObject([{ code, facts }]);
  });

  it("goes by the long-lived token where there is one, which wins over a connection", () => {
    const facts = { ...createPatient().facts, account: { ...CONNECTED, state: "reauth_required" } };
    expect(checkToken(facts, "opaque", PROJECT)).toMatchObject([{ code: "token_ok" }]);
  });

  it.each(["", "a.b.c", "a..c", "h.e30.s", "h.bnVsbA.s"])(
    "takes a token that says nothing for good: %j",
    (token) => {
      expect(checkToken(createPatient().facts, token, PROJECT)).toMatchObject([{ code: "token_ok" }]);
    },
  );
});
