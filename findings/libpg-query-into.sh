#!/usr/bin/env bash
# libpg-query: 17.7.4 cannot parse PL/pgSQL, and in what 18.1.5 gives, the INTO of a query is missing from its text.
#
# Expected by: the package's versions, which follow Postgres' own, so that 17 seems the one for a server of version 17
# (only the README of 18 says that the older ones parse SQL alone); and PL/pgSQL's documentation, where INTO is part of
# the command that is written: who searches the queries' texts would look for it there.
# Seen: 17.7.4 exports loadModule, parse and parseSync only. In the JSON of 18.1.5 the text of a query has blanks where
# `into …` stood, in the same length, and the target is a member beside it: a text that is parsed once more as SQL
# is a plain select, and variables that are written are found by the member `target` only.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . libpg-query-17@npm:libpg-query@17.7.4 libpg-query-18@npm:libpg-query@18.1.5

cat > try.mjs <<'JS'
import { createRequire } from "node:module";
import * as seventeen from "libpg-query-17";
import * as eighteen from "libpg-query-18";

const version = (name) => createRequire(import.meta.url)(`${name}/package.json`).version;
console.log("libpg-query", version("libpg-query-17"), "and", version("libpg-query-18"));
console.log("expected: both have parsePlPgSQL, and the text of a query is the text that was written");
console.log(`17: parsePlPgSQL is ${typeof seventeen.parsePlPgSQL}; 18: ${typeof eighteen.parsePlPgSQL}`);

await eighteen.loadModule();
const written = "select count(*) into n from visits where id > 1";
const tree = await eighteen.parsePlPgSQL(
  `create function invented() returns int language plpgsql as $$ declare n int; begin ${written}; return n; end $$`,
);
const [statement] = tree.plpgsql_funcs[0].PLpgSQL_function.action.PLpgSQL_stmt_block.body;
const { sqlstmt, into, target } = statement.PLpgSQL_stmt_execsql;
const { query } = sqlstmt.PLpgSQL_expr;
console.log(`written: ${written}`);
console.log(`given:   ${query}`);
console.log(`beside:  into ${into}, target ${target.PLpgSQL_row.fields.map(({ name }) => name)}`);
const isAsFound =
  seventeen.parsePlPgSQL === undefined && typeof eighteen.parsePlPgSQL === "function" &&
  query === written.replace("into n", "      ") && into === true && target.PLpgSQL_row.fields[0].name === "n";
console.log(isAsFound ? "as found" : "the behaviour has changed");
process.exit(isAsFound ? 0 : 1);
JS
node try.mjs
