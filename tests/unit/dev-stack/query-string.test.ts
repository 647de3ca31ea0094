import { describe, expect, it } from "vitest";
import {
  columnOf,
  orderBy,
  pageOf,
  selectList,
  splitList,
  unquote,
} from "#dev/stack/data-api/query-string.ts";

describe("splitList", () => {
  it.each([
    ["a,b", ["a", "b"]],
    ["a,(b,c),d", ["a", "(b,c)", "d"]],
    ["a,{1,2}", ["a", "{1,2}"]],
    ['"a,b",c', ['"a,b"', "c"]],
    ['"say \\"a,b\\"",c', ['"say \\"a,b\\""', "c"]],
    ["", [""]],
  ])("splits %s on the outer commas only", (text, items) => {
    expect(splitList(text)).toEqual(items);
  });
});

describe("unquote", () => {
  it.each([
    ["plain", "plain"],
    ['"a,b"', "a,b"],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"', '"'],
  ])("turns %s into %s", (text, value) => {
    expect(unquote(text)).toBe(value);
  });
});

describe("columnOf", () => {
  it.each([
    ["email", 't."email"', "email"],
    ['we"ird', 't."we""ird"', 'we"ird'],
    ["metadata->a->>b", `to_jsonb(t."metadata")->'a'->>'b'`, "b"],
    ["tags->0", 'to_jsonb(t."tags")->0', "0"],
    ["m->>o'clock", `to_jsonb(t."m")->>'o''clock'`, "o'clock"],
  ])("reads %s as an expression that no value can break out of", (path, sql, name) => {
    expect(columnOf(path)).toEqual({ sql, name });
  });
});

describe("selectList", () => {
  it.each([
    [null, "t.*"],
    ["*", "t.*"],
    ["id,email", 't."id" as "id", t."email" as "email"'],
    ["id, email", 't."id" as "id", t."email" as "email"'],
    ["mail:email", 't."email" as "mail"'],
    ["id::text", 'cast(t."id" as text) as "id"'],
    ["n:id::text", 'cast(t."id" as text) as "n"'],
    ["metadata->>city", `to_jsonb(t."metadata")->>'city' as "city"`],
    ['"full name"', 't."full name" as "full name"'],
  ])("reads select=%s", (select, sql) => {
    expect(selectList(select)).toBe(sql);
  });

  it("refuses an embedded resource by name instead of ignoring it", () => {
    expect(() => selectList("id,orders(id)")).toThrow("orders(id)");
  });
});

describe("orderBy", () => {
  it.each([
    [null, ""],
    ["id", ' order by t."id" asc'],
    ["id.desc", ' order by t."id" desc'],
    ["a.desc.nullslast,b", ' order by t."a" desc nulls last, t."b" asc'],
    ["a.nullsfirst", ' order by t."a" asc nulls first'],
  ])("reads order=%s", (order, sql) => {
    expect(orderBy(order)).toBe(sql);
  });
});

describe("pageOf", () => {
  it.each([
    ["", { limit: 1000, offset: 0 }],
    ["limit=10&offset=20", { limit: 10, offset: 20 }],
    ["limit=5000", { limit: 1000, offset: 0 }],
  ])("reads %s within the project's limit of rows", (query, page) => {
    expect(pageOf(new URLSearchParams(query), 1000)).toEqual(page);
  });

  it("refuses a limit that is no number", () => {
    expect(() => pageOf(new URLSearchParams("limit=1;drop"), 1000)).toThrow("failed to parse limit");
  });
});
