import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { patchConfig, type Wanted } from "#installer/config-text.ts";
import type { Payload } from "#installer/payload.ts";

const FUNCTIONS: Payload["functions"] = ["amocrm-drain", "amocrm-pull"].map((slug) => ({
  slug,
  module: "amocrm",
  files: [],
  config: { verify_jwt: false, entrypoint: `./functions/${slug}/index.ts` },
}));
const WANTED = { functions: FUNCTIONS, vault: { amocrm_functions_url: "env(AMOCRM_FUNCTIONS_URL)" } };
const NOTHING = { functions: [], vault: {} };

const patched = (text: string, wanted: Wanted = WANTED, byHand: readonly string[] = []): string => {
  const result = patchConfig(text, wanted, byHand);
  if ("code" in result) throw new Error(result.code);
  return result.text;
};

/** Forms in which people write the same file. */
const FORMS: Readonly<Record<string, string>> = {
  "with comments everywhere": '# a\nproject_id = "x" # b\n\n# c\n[db] # d\nmajor_version = 17 # e\n# f\n',
  "with a vault of its own":
    '[db.vault] # mine\n# k\nkey = "env(K)" # l\n\n[functions.hello]\nverify_jwt = true\n',
  "with blanks in the head": '[ db . vault ]\nkey = "env(K)"\n',
  "with quoted keys": '[functions."hello"]\nverify_jwt = true\n',
  "with dotted keys": 'project_id = "x"\nfunctions.hello.verify_jwt = false # c\n',
  "with arrays of tables": "[[auth.hooks]]\nx = 1\n[[auth.hooks]]\nx = 2\n",
  "with dates, literals and long strings": 'd = 1979-05-27\nl = \'c:\\x\'\ns = """\n[functions.no]\n"""\n',
  "with line ends of Windows": '# a\r\n[db.vault]\r\nkey = "env(K)" # l\r\n\r\n[api]\r\nmax_rows = 10\r\n',
  "with line ends of both kinds": 'a = 1\r\nb = 2\n# c\r\n[db.vault]\nkey = "env(K)"\n',
  "with a mark of byte order": '\uFEFFproject_id = "x"\n',
  "that is empty": "",
};

describe("a config.toml", () => {
  it.each(Object.entries(FORMS))(
    "%s says both what it said and what we want, and is as before without",
    (_, text) => {
      const ours = patched(text);
      const table = parse(ours.replace(/^\uFEFF/, ""));
      expect(Object.keys(table["functions"] as object)).toEqual(
        expect.arrayContaining(["amocrm-drain", "amocrm-pull"]),
      );
      expect((table["db"] as { vault: object }).vault).toMatchObject(WANTED.vault);
      const lines = ours.split("\n");
      for (const line of text.split("\n")) expect(lines).toContain(line);
      expect(patched(ours)).toBe(ours);
      expect(patched(ours, NOTHING)).toBe(text);
    },
  );

  it("without an end of its last line gets one", () => {
    expect(patched('project_id = "x"')).toMatch(/^project_id = "x"\n\n# >>>/);
  });

  it("keeps our part where it stands when the host has gone on below it", () => {
    const gone = `${patched('project_id = "x"\n')}\n[functions.later]\nverify_jwt = true\n`;
    expect(patched(gone)).toBe(gone);
    const fewer = patched(gone, { ...WANTED, functions: FUNCTIONS.slice(0, 1) });
    expect(fewer).not.toContain("amocrm-pull");
    expect(fewer.endsWith("\n[functions.later]\nverify_jwt = true\n")).toBe(true);
  });

  it("loses sections that were copied by hand, word for word, and those only", () => {
    const section = "# Called by cron.\n[functions.amocrm-drain]\nverify_jwt = false\n";
    expect(patched(`a = 1\n\n${section}`, WANTED, [section])).not.toContain("Called by cron");
    expect(patchConfig(`a = 1\n\n${section.replace("false", "true")}`, WANTED, [section])).toMatchObject({
      code: "config_function_there",
    });
  });

  it.each([
    ["functions = { hello = { verify_jwt = true } }\n", "config_unknown_form"],
    ['db = { vault = { key = "env(K)" } }\n', "config_unknown_form"],
    ["[db\n", "config_unreadable"],
    ['[db.vault]\namocrm_functions_url = "x"\n', "config_vault_there"],
  ])("is refused where it cannot be said without changing a line of the host's: %j", (text, code) => {
    expect(patchConfig(text, WANTED, [])).toMatchObject({ code });
  });
});
