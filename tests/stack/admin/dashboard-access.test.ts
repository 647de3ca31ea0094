import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, type SchoolProject, startSchool } from "../school/school-project.ts";

const LIMIT_MS = 180_000;

let school: SchoolProject;
beforeAll(async () => {
  school = await startSchool();
}, LIMIT_MS);
afterAll(() => school?.stop());

/** What the page asks of the database, by the names that stand in its sources. */
async function askedByThePage(): Promise<{ functions: Asked[]; views: string[] }> {
  const folder = path.join(import.meta.dirname, "../../../pages/dashboard");
  const source = fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => fs.readFileSync(path.join(folder, file), "utf8"))
    .join("\n");
  const names = [...new Set([...source.matchAll(/"([a-z]+_[a-z_]+)"/g)].map(([, name = ""]) => name))];
  const functions = await school.sql<Asked[]>`
    select proname as name, provolatile = 'v' as changes, coalesce(proargnames[1:pronargs], '{}') as arguments
    from pg_proc where pronamespace = 'public'::regnamespace and proname = any (${names}) order by 1`;
  const views = await school.sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v' and relname = any (${names}) order by 1`;
  return { functions: [...functions], views: views.map(({ name }) => name) };
}
interface Asked {
  name: string;
  changes: boolean;
  arguments: string[];
}

test(
  "through the Data API a viewer is refused every action of the page, and a manager and a student see nothing of it",
  async () => {
    const { url, publishableKey } = school.stack;
    const { functions, views } = await askedByThePage();
    expect(functions.length).toBeGreaterThan(25);
    expect(views.length).toBeGreaterThan(4);
    const statusOf = async (person: Person, place: string, body?: object): Promise<number> => {
      const headers = {
        apikey: publishableKey,
        authorization: `Bearer ${person.token}`,
        "content-type": "application/json",
      };
      const asked =
        body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
      return (await fetch(`${url}/rest/v1/${place}`, asked)).status;
    };
    const refusedTo = async (person: Person): Promise<string[]> => {
      const refused: string[] = [];
      for (const { name, arguments: names } of functions) {
        const body = Object.fromEntries(names.map((one) => [one, null]));
        if ((await statusOf(person, `rpc/${name}`, body)) === 403) refused.push(name);
      }
      for (const name of views) if ((await statusOf(person, name)) === 403) refused.push(name);
      return refused;
    };
    const [viewer, manager, student] = await Promise.all([
      school.signIn("viewer"),
      school.signIn("sales_manager"),
      school.signIn(),
    ]);
    // It changes nothing, and names samples of what only an admin may touch.
    const actions = functions.filter(({ changes, name }) => changes || name === "amocrm_bulk_preview");
    expect(await refusedTo(viewer)).toEqual(actions.map(({ name }) => name));
    // Whoever signs in may have a sentence of ours translated.
    const all = [...functions.map(({ name }) => name), ...views].filter(
      (name) => name !== "amocrm_in_russian",
    );
    for (const person of [manager, student])
      expect((await refusedTo(person)).filter((name) => name !== "amocrm_in_russian")).toEqual(all);
    expect(await refusedTo(await school.signIn("admin"))).toEqual([]);
  },
  LIMIT_MS,
);
