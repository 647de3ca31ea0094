import { describe, expect, it } from "vitest";
import { readFunction } from "#dev/stack/data-api/safe-update/function-text.ts";

const plpgsql = (body: string, returns = "setof int") =>
  readFunction({
    language: "plpgsql",
    body,
    definition: `create function a.b(p_name text) returns ${returns} language plpgsql as $$ ${body} $$`,
  });
const sql = (body: string) => readFunction({ language: "sql", body, definition: "" });
const found = ({ unguarded }: { unguarded: { verb: string; target: string }[] }) =>
  unguarded.map(({ verb, target }) => `${verb} ${target}`);

describe("readFunction", () => {
  it.each([
    ["delete from x.y", "DELETE x.y"],
    ["update y set a = 1 from z join w on true", "UPDATE y"],
    ["with gone as (delete from y returning a) select a from gone", "DELETE y"],
    ["insert into z with gone as (update x.y set a = 1 returning a) select a from gone", "UPDATE x.y"],
  ])("finds in SQL: %s", (text, expected) => {
    expect(found(sql(text))).toEqual([expected]);
    expect(
      found(plpgsql(`begin ${text.replace("select a from gone", "select a into found from gone")}; end`)),
    ).toEqual([expected]);
  });

  it("finds it in the body of begin atomic", () => {
    const definition = "create function a.b() returns void begin atomic delete from x.y; end";
    expect(found(readFunction({ language: "sql", body: "", definition }))).toEqual(["DELETE x.y"]);
  });

  it.each([
    [
      "a loop over rows that are changed",
      "declare v record; begin for v in update y set a = 1 returning a loop null; end loop; end",
    ],
    ["an exception's handler", "begin null; exception when others then update y set a = 1; end"],
    ["a branch", "begin if false then null; elsif true then update y set a = 1; end if; end"],
    ["a text that is run", "begin execute 'update y set a = 1'; end"],
    ["a text with names put in", "begin execute format('update y set %I = %L', p_name, 1); end"],
    [
      "a cursor's text",
      "declare c refcursor; begin open c for execute 'update y set a = 1 returning a'; end",
    ],
    ["a query that is returned", "begin return query execute 'update y set a = 1 returning a'; end"],
    ["a query that is returned as it is", "begin return query update y set a = 1 returning a; end"],
  ])("finds it in %s", (_where, body) => {
    expect(found(plpgsql(body))).toEqual(["UPDATE y"]);
  });

  it.each([
    "update y set a = 1 where true",
    "delete from y where a = 1",
    "delete from y using z where y.a = z.a",
    "insert into y values (1) on conflict (a) do update set a = 2",
    "merge into y using z on true when matched then delete",
    "truncate y",
    "select 'delete from y' -- delete from y",
  ])("lets pass: %s", (text) => {
    expect(found(sql(text))).toEqual([]);
  });

  it("knows whom a function calls, and whose triggers it fires", () => {
    const reading = plpgsql(
      "declare v_one int := s.first(); begin perform s.second(third(1)); v_one := s.fourth(); insert into x.y values (1) on conflict do nothing; end",
      "void",
    );
    expect(reading.calls.map(({ schema, name }) => `${schema}.${name}`).toSorted()).toEqual([
      "s.first",
      "s.fourth",
      "s.second",
      "undefined.third",
    ]);
    expect(reading.writes).toContainEqual({ table: { schema: "x", name: "y" }, event: "insert" });
  });

  it.each([
    "execute p_name",
    "execute 'delete from ' || p_name",
    "execute format(p_name)",
    "execute format('delete from y %s', p_name)",
    "execute format('select s.%I()', p_name)",
  ])("cannot read beforehand: %s", (statement) => {
    expect(plpgsql(`begin ${statement}; end`).obscure).toHaveLength(1);
  });

  it.each([
    "execute 'select 1'",
    "execute format('drop table %I', p_name)",
    "execute format('select 100 %% 7, %2$L, %1$I', 'a', 1)",
  ])("can read beforehand: %s", (statement) => {
    expect(plpgsql(`begin ${statement}; end`).obscure).toEqual([]);
  });
});
