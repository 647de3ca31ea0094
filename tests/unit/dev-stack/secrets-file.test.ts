import { describe, expect, it } from "vitest";
import { parseSecrets, secretsFileOf, withSecrets } from "#dev/stack/command/secrets-file.ts";

describe("parseSecrets", () => {
  it("takes the functions' variables, later lines over earlier ones, and nothing else", () => {
    const text = "AMOCRM_ACCESS_TOKEN=one\n# a remark\nAMOCRM_ACCESS_TOKEN=two\nPATH=/bin\nAMOCRM_ACESS=x\n";
    expect(parseSecrets(text)).toEqual({
      set: { AMOCRM_ACCESS_TOKEN: "two", AMOCRM_ACESS: "x" },
      unset: [],
      ignored: [],
    });
  });

  it("leaves alone where leads and mails go, which is said at the start", () => {
    expect(parseSecrets("AMOCRM_SUBDOMAIN=real\nAMOCRM_BASE_URL=\nRESEND_API_KEY=re_1")).toEqual({
      set: {},
      unset: [],
      ignored: ["AMOCRM_BASE_URL", "AMOCRM_SUBDOMAIN", "RESEND_API_KEY"],
    });
  });
});

describe("withSecrets", () => {
  it("sets, replaces and takes away, and a later text without a name brings the start's value back", () => {
    const atStart = { AMOCRM_ENABLED: "true", AMOCRM_ACCESS_TOKEN: "a" };
    expect(withSecrets(atStart, parseSecrets("AMOCRM_ENABLED=false\nAMOCRM_ACCESS_TOKEN="))).toEqual({
      AMOCRM_ENABLED: "false",
    });
    expect(withSecrets(atStart, parseSecrets(""))).toEqual(atStart);
  });
});

it("secretsFileOf never names a file that somebody may have made", () => {
  expect(secretsFileOf("/p/.dev/stack.json")).toBe("/p/.dev/stack.json.env");
});
