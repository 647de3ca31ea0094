import fs from "node:fs";
import { expect, it } from "vitest";
import { readCatalogue } from "#dev/sql-reference/catalogue.ts";
import { REFERENCE_FILE } from "#dev/sql-reference/main.ts";
import { pageOf } from "#dev/sql-reference/page.ts";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();

it("docs/sql-reference.md is of this database; after a change run npm run sql-reference", async () => {
  expect(fs.readFileSync(REFERENCE_FILE, "utf8")).toBe(pageOf(await readCatalogue(sql)));
});
