import { describe, expect, it } from "vitest";
import { schemaFiles } from "#dev/schemas/schema-files.ts";

/** Functions that go by something else than the account in a table, and why that mixes nothing. */
const BY_SOMETHING_ELSE: Record<string, string> = {
  "amocrm.follow_clock -> cursors": "The clock was set back for every account.",
  "amocrm.follow_clock -> pull_control": "The clock was set back for every account.",
  "amocrm.forget -> linked_rows": "The rows go that the links stand for, whatever account they went to.",
  "amocrm.forget_card_values -> card_keys": "That a key was ours is forgotten on the cards of every account.",
  "amocrm.forget_deal_events -> own_writes": "Follows a truncate, which is used where there is one account.",
  "amocrm.forget_people -> duplicates": "Pairs of people go by our own numbers.",
  "amocrm.links -> linked": "Shows the account of each row.",
  "amocrm.prune_hints -> change_counts": "Old rows go by their age.",
  "amocrm.prune_hints -> hints": "Old rows go by their age.",
  "amocrm.prune_own_writes -> own_writes": "Old rows go by their age.",
  "amocrm.resolve_duplicate -> duplicates":
    "Written by the row's own number, after it was read with its account.",
  "amocrm.set_aside_notice -> set_aside": "Once in a text for the admin.",
  "public.amocrm_account_leave -> card_keys": "Truncated where there is one account.",
  "public.amocrm_account_leave -> deals": "Truncated where there is one account.",
  "public.amocrm_account_leave -> missing_deals": "Truncated where there is one account.",
  "public.amocrm_account_leave -> set_aside": "Truncated where there is one account.",
  "public.amocrm_webhook_receive -> webhook_control":
    "Found by the secret in its address, which tells the account.",
};

/** Tables with an account whose rows are found by our own numbers, or by keys that count in every account. */
const BY_OWN_NUMBERS = ["people", "pulls", "forgotten", "tells"];

const KEYWORDS =
  "on|where|set|join|cross|left|inner|order|group|limit|union|for|using|lateral|returning|loop|then|values|select|do";

const files = schemaFiles().map(({ text }) => text.replaceAll(/--.*$/gm, ""));
const tables = files
  .flatMap((text) => [...text.matchAll(/^create table amocrm\.(\w+) \(([\s\S]*?)^\)/gm)])
  .filter(([, , columns]) => /^ {2}(?:other_)?account text/m.test(columns ?? ""))
  .map(([, name]) => name ?? "")
  .filter((name) => !BY_OWN_NUMBERS.includes(name))
  // Views that show the account of each row.
  .concat("links", "linked", "contact_keys", "card_values");

/** Each function or view with its text. */
const bodies = files.flatMap((text) =>
  [...text.matchAll(/^create (?:function|view) ([\w.]+)[\s\S]*?(?=^create |^comment on |$(?![\s\S]))/gm)].map(
    ([body, name]) => ({ name: name ?? "", body }),
  ),
);

/** Where a function names a table oftener than the account of its rows. */
function withoutAccount({ name, body }: { name: string; body: string }): string[] {
  const use = new RegExp(
    `(?:from|join|update|using|,)\\s+amocrm\\.(${tables.join("|")})\\b(?:\\s+(?:as\\s+)?(?!(?:${KEYWORDS})\\b)(\\w+))?`,
    "g",
  );
  const counts = new Map<string, { table: string; count: number }>();
  for (const [, table = "", alias = table] of body.matchAll(use)) {
    counts.set(alias, { table, count: (counts.get(alias)?.count ?? 0) + 1 });
  }
  return [...counts].flatMap(([alias, { table, count }]) => {
    const named = body.match(new RegExp(`\\b${alias}\\.(?:other_)?account\\b`, "g"))?.length ?? 0;
    return named < count ? [`${name} -> ${table}`] : [];
  });
}

describe("a function or view that reads or writes rows of an account", () => {
  it("goes by the account wherever it names such a table, or says by what else", () => {
    const found = [...new Set(bodies.flatMap(withoutAccount))];
    expect(found.toSorted()).toEqual(Object.keys(BY_SOMETHING_ELSE).toSorted());
  });

  it("is read by this rule: it sees the tables, and one condition that is missing", () => {
    for (const name of ["contacts", "linked_rows", "links", "deals", "routes", "cursors", "pipelines"]) {
      expect(tables).toContain(name);
    }
    const body =
      "select from amocrm.links as owner join amocrm.links as made on made.id = owner.id where owner.account = $1";
    expect(withoutAccount({ name: "f", body })).toEqual(["f -> links"]);
    expect(withoutAccount({ name: "f", body: `${body} and made.account = owner.account` })).toEqual([]);
    expect(bodies.length).toBeGreaterThan(400);
  });
});
