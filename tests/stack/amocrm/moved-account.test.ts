import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf } from "../support/crm.ts";
import { type OAuthSystem, startOAuthSystem } from "../support/oauth-system.ts";
import { leave } from "../support/system.ts";

let system: OAuthSystem;
const homes: SimulatorServer[] = [];
beforeAll(async () => {
  system = await startOAuthSystem();
  expect((await system.open(await system.consent(await system.makeLink()))).status).toBe(200);
});
afterAll(async () => {
  await system?.stop();
  for (const home of homes) await home.close();
});

/** The account goes to another port of this machine; its old one answers as to a stranger. */
async function move(status: 301 | 401 | 404): Promise<string> {
  const home = await startServer({ simulator: system.simulator.simulator });
  homes.push(home);
  const host = new URL(home.url).host;
  system.simulator.simulator.control.patchSettings({ moved_to: host, moved_status: status });
  await system.sql`update amocrm.accounts set host_looked_up_at = null, refresh_not_before = null`;
  await system.sql`select amocrm_breaker_close()`;
  return home.url;
}
const connection = async () => (await system.sql`select host, state from amocrm.accounts`)[0];
const isStopped = async (): Promise<boolean> =>
  (await system.sql`select from amocrm.queue_control where queue = 'amocrm' and breaker_code is not null`)
    .length > 0;
const lookUpCount = (): number =>
  system.simulator.simulator.log.entries().filter(({ path }) => path === "/oauth2/account/current/subdomain")
    .length;

describe("an account that has moved", () => {
  it.each([[401], [404], [301]] as const)(
    "is followed when its old host answers %i, and the lead arrives once",
    async (status) => {
      const url = await move(status);
      const [before, name] = [lookUpCount(), `Mover ${status}`];
      await leave(system, { email: `moved${status}@example.com`, full_name: name });
      await system.delivered();
      const contacts = crmOf(system.simulator).contacts();
      expect(contacts.filter((contact) => contact.name === name)).toHaveLength(1);
      expect(await connection()).toEqual({ host: url, state: "connected" });
      expect(lookUpCount() - before).toBe(1);
      expect((await system.sql`select notice from amocrm_health`)[0]?.["notice"]).toContain(`to ${url}`);
      expect(system.stack.functionLog()).toContain('"event":"account_moved"');
      expect(await system.sql`select from amocrm_outbox where state = 'dead'`).toHaveLength(0);
    },
  );

  it.each([[401], [404]] as const)(
    "is not followed to a stranger's host, and looked up once an hour, while leads wait: %i",
    async (status) => {
      await move(status);
      system.simulator.simulator.control.patchSettings({ moved_to: "evil-amocrm.ru" });
      const [known, before] = [await connection(), lookUpCount()];
      await leave(system, { email: `stranger${status}@example.com`, full_name: "Waiting" });
      await waitFor("the breaker to open", isStopped);
      await system.sql`select amocrm_resume()`;
      await waitFor("the breaker to open again", isStopped);
      expect(lookUpCount() - before).toBe(1);
      expect(await connection()).toMatchObject({ host: known?.["host"] });
      // Nothing that the stranger says of contacts and deals is believed: no link is dropped, no message is dead.
      expect(
        await system.sql`select from amocrm_outbox where state not in ('pending', 'leased', 'delivered')`,
      ).toHaveLength(0);
    },
  );
});
