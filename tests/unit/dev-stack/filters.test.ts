import { describe, expect, it } from "vitest";
import { conditionsOf, whereOf } from "#dev/stack/data-api/filters.ts";

const conditions = (query: string): string[] => conditionsOf(new URLSearchParams(query));

describe("conditionsOf", () => {
  it.each([
    ["id=eq.1", `t."id" = '1'`],
    ["name=eq.O'Hara", `t."name" = 'O''Hara'`],
    ["id=not.eq.1", `not (t."id" = '1')`],
    ["email=ilike.*@b.*", `t."email" ilike '%@b.%'`],
    ["id=in.(1,2)", `t."id" in ('1', '2')`],
    ['name=in.("a,b",c)', `t."name" in ('a,b', 'c')`],
    ["id=in.()", "false"],
    ["a=is.null", `t."a" is null`],
    ["a=is.not_null", `t."a" is not null`],
    ["tags=cs.{x}", `t."tags" @> '{x}'`],
    ["id=gt(any).{1,2}", `t."id" > any ('{1,2}')`],
    ["doc=fts(english).cat", `t."doc" @@ to_tsquery('english', 'cat')`],
    ["metadata->>a=eq.b", `to_jsonb(t."metadata")->>'a' = 'b'`],
    ["or=(a.eq.1,b.gt.2)", `(t."a" = '1' or t."b" > '2')`],
    ["not.or=(a.eq.1,b.gt.2)", `not ((t."a" = '1' or t."b" > '2'))`],
    ["or=(a.eq.1,and(b.gt.2,c.is.null))", `(t."a" = '1' or (t."b" > '2' and t."c" is null))`],
    ['or=(name.eq."x,y)",b.eq.1)', `(t."name" = 'x,y)' or t."b" = '1')`],
    ["and=(a.not.eq.1)", `(not (t."a" = '1'))`],
  ])("turns %s into SQL", (query, sql) => {
    expect(conditions(query)).toEqual([sql]);
  });

  it("leaves the parameters with a meaning of their own alone", () => {
    expect(conditions("select=id&order=id&limit=1&offset=2&columns=a&on_conflict=b&apikey=k")).toEqual([]);
  });

  it("leaves the arguments of a function alone", () => {
    const params = new URLSearchParams("p_id=1&state=eq.dead");
    expect(conditionsOf(params, new Set(["p_id"]))).toEqual([`t."state" = 'dead'`]);
  });

  it.each([
    "id=1",
    "id=constructor.1",
    "id=nope.1",
    "id=is.maybe",
    "id=in.1",
    "id=eq(some).1",
    "or=a.eq.1",
    "or=(a)",
  ])("refuses %s with the filter in the message", (query) => {
    expect(() => conditions(query)).toThrow(/failed to parse/);
  });
});

describe("whereOf", () => {
  it("is empty without conditions, which is what safeupdate looks at", () => {
    expect(whereOf([])).toBe("");
    expect(whereOf(["a", "b"])).toBe(" where a and b");
  });
});
