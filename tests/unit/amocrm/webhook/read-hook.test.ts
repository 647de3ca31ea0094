import { describe, expect, it } from "vitest";
import { type Hint, readHook } from "#shared/amocrm/webhook/read-hook.ts";
import { seededRandom } from "../support/random.ts";

const ACCOUNT =
  "account[subdomain]=school&account[id]=31400000&account[_links][self]=https://school.amocrm.ru";
const body = (...pairs: string[]) => [...pairs, ACCOUNT].join("&");
const encoded = (text: string) => text.replaceAll("[", "%5B").replaceAll("]", "%5d");
const deal = (id: number, updatedAt: number | null = null, action: Hint["action"] = "update"): Hint => ({
  entity: "deal",
  action,
  id,
  updatedAt,
});

describe("a hook of amoCRM", () => {
  it("tells its account and what happened to which deal", () => {
    const status =
      "leads[status][0][id]=25399013&leads[status][0][name]=Сделка&leads[status][0][status_id]=142&leads[status][0][last_modified]=1525100000&leads[status][0][updated_at]=1525172416";
    expect(readHook(body(status))).toEqual({
      accountId: 31_400_000,
      hints: [deal(25_399_013, 1_525_172_416, "status")],
    });
  });

  it("tells where a deal stands, if it names pipeline and stage", () => {
    const text = (root: string) =>
      `${root}[update][0][id]=7&${root}[update][0][pipeline_id]=44&${root}[update][0][status_id]=142`;
    expect(readHook(body(text("leads")))?.hints).toEqual([{ ...deal(7), place: "44.142" }]);
    expect(readHook(body(text("contacts")))?.hints).toEqual([{ ...deal(7), entity: "contact" }]);
  });

  it.each(["add", "update", "delete", "restore", "status", "responsible"] as const)(
    "is read for each action: %s",
    (action) => {
      expect(readHook(body(`leads[${action}][0][id]=7`))?.hints).toEqual([deal(7, null, action)]);
    },
  );

  it("may hold several entities, actions and entries, told apart by their places", () => {
    const text = body(
      "leads[update][0][id]=1&leads[update][1][id]=2&leads[status][0][id]=1",
      "contacts[add][0][id]=9&contacts[add][0][type]=contact&contacts[add][0][updated_at]=5",
    );
    expect(readHook(text)?.hints).toEqual([
      deal(1),
      deal(2),
      deal(1, null, "status"),
      { entity: "contact", action: "add", id: 9, updatedAt: 5 },
    ]);
  });

  it("has companies among the contacts, which are none of ours", () => {
    const text = body(
      "contacts[update][0][id]=9&contacts[update][0][type]=company",
      "contacts[update][1][id]=10",
    );
    expect(readHook(text)?.hints.map(({ id }) => id)).toEqual([10]);
  });

  it("has notes, tasks and unsorted ones beside, of which nothing is taken", () => {
    const text = body(
      "leads[note][0][note][id]=4&leads[note][0][note][element_id]=7",
      "task[add][0][id]=5&unsorted[add][0][id]=6&leads[move][0][id]=8",
    );
    expect(readHook(text)).toEqual({ accountId: 31_400_000, hints: [] });
  });

  it("is read with literal and with encoded brackets alike, in one body too", () => {
    const plain = "leads[update][0][id]=1&leads[update][0][updated_at]=3";
    const mixed = `${encoded("leads[update][0]")}[id]=1&${encoded("leads[update][0][updated_at]")}=3`;
    for (const text of [body(plain), encoded(body(plain)), body(mixed)])
      expect(readHook(text)?.hints).toEqual([deal(1, 3)]);
  });

  it("holds its values as object, list or text, which are not looked at", () => {
    const fields = "leads[update][0][custom_fields][0]";
    const text = body(
      "leads[update][0][id]=1",
      `${fields}[values][0]=2026-11-30&${fields}[values][value]=да&${fields}[values][0][value]=a=b&${fields}[values]=text`,
      `${fields}[id]=99&leads[update][0][tags][0][id]=98`,
    );
    expect(readHook(text)?.hints).toEqual([deal(1)]);
  });

  it("keeps a value with = in it whole, and of a field named twice the last one", () => {
    expect(readHook(body("leads[update][0][id]=1=2", "leads[update][1][id]=3"))?.hints).toEqual([deal(3)]);
    expect(readHook(body("leads[update][0][id]=1&leads[update][0][id]=2"))?.hints).toEqual([deal(2)]);
  });

  it("survives an escape that was cut in the middle of a letter", () => {
    const text = body(
      "leads[update][0][name]=%D0%9A%D0",
      "leads[update][0][id]=%31",
      "leads[upd%D0][0][id]=2",
    );
    expect(readHook(text)?.hints).toEqual([deal(1)]);
  });

  it("is read from names that a stranger chose, and nothing comes of them", () => {
    const hostile = [
      "__proto__[polluted]=1&constructor[prototype][polluted]=1",
      "leads[__proto__][0][id]=5&leads[update][__proto__][polluted]=1&leads[update][__proto__][id]=6",
      "leads[update][4294967296000][id]=7",
      `leads${"[a]".repeat(10_000)}=1&leads[update][0][id]${"[a]".repeat(10_000)}=1`,
      "leads[update][0][id=8&leads]update[0][id]=9&[0][id]=10&=11&&leads[update][0]id]=12",
    ];
    expect(readHook(body(...hostile))?.hints).toEqual([deal(6), deal(7)]);
    expect("polluted" in {}).toBe(false);
  });

  it.each(["0", "-1", "1.5", "1e3", "", "abc", "9".repeat(17), "9007199254740993", "null"])(
    "names nobody by an id that is none: %s",
    (id) => {
      expect(readHook(body(`leads[update][0][id]=${id}`))?.hints).toEqual([]);
    },
  );

  it("is none without an account and without an entry", () => {
    for (const text of [
      "",
      "&&&",
      "foo=bar",
      '{"leads":{"update":[{"id":"1"}]}}',
      "%",
      "\u0000",
      "leads[update]=1",
    ])
      expect(readHook(text)).toBeNull();
    expect(readHook("leads[update][0][id]=1")).toEqual({ accountId: null, hints: [deal(1)] });
  });
});

/** Pairs of a body in any order, and what they mean. */
function randomHook(random: () => number): { pairs: string[]; hints: Hint[] } {
  const below = (count: number) => Math.floor(random() * count);
  const hints: Hint[] = Array.from({ length: 1 + below(50) }, () => ({
    entity: random() < 0.5 ? "deal" : "contact",
    action: (["add", "update", "delete", "restore"] as const)[below(4)] ?? "add",
    id: 1 + below(2 ** 40),
    updatedAt: random() < 0.5 ? 1 + below(2 ** 31) : null,
  }));
  const counts = new Map<string, number>();
  const pairs = hints.flatMap(({ entity, action, id, updatedAt }) => {
    const list = `${entity === "deal" ? "leads" : "contacts"}[${action}]`;
    const index = counts.get(list) ?? 0;
    counts.set(list, index + 1);
    const key = (field: string) =>
      random() < 0.5 ? encoded(`${list}[${index}][${field}]`) : `${list}[${index}][${field}]`;
    return [
      `${key("name")}=${["Имя", "a=b=c", "100%", "%D0%9A%D", "+&".slice(0, 1)][below(5)]}`,
      `${key("id")}=${id}`,
      ...(updatedAt === null ? [] : [`${key("updated_at")}=${updatedAt}`]),
      `${key("custom_fields")}[${below(30)}][values][${below(3)}][value]=${below(9)}`,
    ];
  });
  return { pairs, hints };
}

const byPlace = (hints: readonly Hint[]) => hints.map((hint) => JSON.stringify(hint)).toSorted();

describe("any hook", () => {
  it("is read back to what was written, however long and whatever the brackets and the order", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seededRandom(seed);
      const { pairs, hints } = randomHook(random);
      const shuffled = pairs.toSorted(() => random() - 0.5);
      expect(byPlace(readHook(body(...shuffled))?.hints ?? []), `seed ${seed}`).toEqual(byPlace(hints));
    }
  });

  it("never throws when bytes of it are cut, doubled or exchanged, and names no id that was not written", () => {
    const signs = ["[", "]", "%", "=", "&", "+", "%5B", "%ff", "\u0000", "я", "__proto__", "9"];
    for (let seed = 1; seed <= 2000; seed++) {
      const random = seededRandom(seed);
      const text = body(...randomHook(random).pairs.slice(0, 12));
      const cut = Math.floor(random() * text.length);
      const sign = signs[Math.floor(random() * signs.length)] ?? "";
      const spoiled = `${text.slice(0, cut)}${sign}${text.slice(cut + Math.floor(random() * 4))}`;
      for (const { id } of readHook(spoiled)?.hints ?? [])
        expect(Number.isSafeInteger(id) && id > 0).toBe(true);
    }
  });

  it("is read in one pass: a body of a mebibyte takes a moment", () => {
    const pairs = Array.from({ length: 40_000 }, (_, index) => `leads[update][${index}][id]=${index + 1}`);
    expect(readHook(body(...pairs))?.hints).toHaveLength(40_000);
    expect(readHook("&".repeat(2 ** 20))).toBeNull();
    expect(readHook("[".repeat(2 ** 20))).toBeNull();
    expect(readHook(`${"leads[".repeat(2 ** 17)}=1`)).toBeNull();
  });
});
