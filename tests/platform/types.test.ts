import fs from "node:fs";
import { expect, inject, it } from "vitest";
import { generateTypes, TYPES_FILE } from "#dev/platform/generate-types.ts";
import { startPostgres } from "#dev/stack/postgres.ts";

it("the checked-in types are those of the migrations; after a change run npm run types", async () => {
  const server = await startPostgres({ major: 17, dataTemplate: inject("dataTemplate") });
  try {
    expect(fs.readFileSync(TYPES_FILE, "utf8")).toBe(await generateTypes(server.url()));
  } finally {
    await server.stop();
  }
});
