import { generateKeyPairSync, sign } from "node:crypto";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { type People, type Person, peopleOf } from "../stack/school/school-project.ts";
import { type OAuthSystem, startOAuthSystem } from "../stack/support/oauth-system.ts";
import { ACCOUNT, leave } from "../stack/support/system.ts";
import { sized } from "../support/sizes.ts";
import { type Dashboard, LIMITS_MS, startDashboard } from "./support/dashboard.ts";

/** More than a newcomer should need, from the first screen on. */
const ACTIONS_MAX = 8;

let system: OAuthSystem;
let people: People;
let dashboard: Dashboard;
let admin: Person;

beforeAll(async () => {
  system = await startOAuthSystem();
  await system.open(await system.consent(await system.makeLink()));
  people = peopleOf(system.stack);
  [dashboard, admin] = await Promise.all([startDashboard(system.stack), people.signIn("admin")]);
  await system.admin({ action: "pipelines" });
}, LIMITS_MS);
afterAll(async () => {
  await dashboard?.stop();
  await system?.stop();
});

const stateOf = async (email: string): Promise<string | undefined> =>
  (
    await system.sql<{ state: string }[]>`
      select outbox.state from amocrm.outbox join unified_lead_tracking as lead on lead.id = outbox.subject_id
      where lead.email = ${email} and outbox.queue = 'amocrm' order by outbox.id limit 1`
  )[0]?.state;
const until = (email: string, state: string) =>
  waitFor(`the lead of ${email} to be ${state}`, async () => {
    const now = await stateOf(email);
    if (now !== state) throw new Error(`it is ${now}`);
    return true;
  });

/** What a person does on the page, counted. */
function hands(page: Page) {
  let count = 0;
  const screen = page.locator("#screen, dialog[open]");
  return {
    count: () => count,
    async search(text: string) {
      count += 1;
      await page.keyboard.press("/");
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    },
    async follow(name: string | RegExp) {
      count += 1;
      await screen.getByRole("link", { name }).first().click();
    },
    async press(name: string | RegExp) {
      count += 1;
      await screen.getByRole("button", { name }).first().click();
    },
    async agree(name: string) {
      count += 1;
      await page.locator("dialog[open]").getByRole("button", { name }).click();
    },
    async choose(label: string, value: string) {
      count += 1;
      await page.getByLabel(label).selectOption(value);
    },
    async back() {
      count += 1;
      await page.goBack();
    },
  };
}

describe("a newcomer finds on the page alone why a lead is not in amoCRM, and mends it:", () => {
  test(
    "its route names a stage that is gone",
    async () => {
      await system.sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('webinar', ${ACCOUNT.salesPipelineId}, 999999)`;
      await leave(system, { email: "stage@example.com", full_name: "Wrong Stage", source: "webinar" });
      await until("stage@example.com", "dead");
      const { page, context } = await dashboard.open("", admin);
      await page.getByRole("heading", { name: "Is it alive?" }).waitFor();
      const newcomer = hands(page);
      await newcomer.search("stage@example.com");
      await newcomer.follow(/message: dead/);
      await page.getByText(/Mend the route/).waitFor();
      await newcomer.follow("Routes, stages and fields");
      await newcomer.choose("Stage: webinar", String(ACCOUNT.qualifiedStageId));
      await newcomer.press("Save: webinar");
      await page.getByText("Done.").waitFor();
      await newcomer.back();
      await newcomer.press("Retry");
      await until("stage@example.com", "delivered");
      expect(newcomer.count()).toBeLessThanOrEqual(ACTIONS_MAX);
      await context.close();
    },
    LIMITS_MS,
  );

  test(
    "it lies in quarantine",
    async () => {
      await system.sql`with lead as (
          insert into unified_lead_tracking (email, full_name, source) values ('held@example.com', 'Held Lead', 'landing') returning id
        ), unsent as (delete from amocrm.outbox using lead where outbox.subject_id = lead.id)
        insert into amocrm.quarantined_leads (lead_id, reason) select id, 'flood' from lead`;
      await system.sql`delete from amocrm.outbox where subject_id in (select lead_id from amocrm.quarantined_leads)`;
      const { page, context } = await dashboard.open("", admin, { locale: "ru-RU" });
      await page.getByRole("heading", { name: "Работает ли?" }).waitFor();
      const newcomer = hands(page);
      await newcomer.search("held@example.com");
      await newcomer.follow(/в карантине/);
      await newcomer.press("Отправить");
      await newcomer.agree("Отправить");
      await until("held@example.com", "delivered");
      expect(newcomer.count()).toBeLessThanOrEqual(ACTIONS_MAX);
      await context.close();
    },
    LIMITS_MS,
  );

  test(
    "its e-mail is one person's and its phone another's",
    async () => {
      await leave(system, { email: "one@example.com", full_name: "One", source: "landing" });
      await leave(system, { phone: "+77015550011", full_name: "Two", source: "landing" });
      // Both: with the second one on its way still, the third would be one person with it.
      await system.delivered();
      await leave(system, {
        email: "one@example.com",
        phone: "+77015550011",
        full_name: "Both",
        source: "landing",
      });
      await waitFor("the pair to be listed", async () => {
        const rows = await system.sql`select from amocrm_duplicates`;
        return rows.length > 0;
      });
      await system.delivered();
      const { page, context } = await dashboard.open("", admin);
      await page.getByRole("heading", { name: "Is it alive?" }).waitFor();
      const newcomer = hands(page);
      await newcomer.search("one@example.com");
      await page.getByRole("heading", { name: "In order" }).waitFor();
      await newcomer.follow("To decide");
      await newcomer.press("Same person");
      await page.getByText("Done.").waitFor();
      expect(await system.sql`select from amocrm_duplicates`).toHaveLength(0);
      expect(newcomer.count()).toBeLessThanOrEqual(ACTIONS_MAX);
      await context.close();
    },
    LIMITS_MS,
  );

  test(
    "the token was revoked",
    async () => {
      system.simulator.simulator.control.revokeTokens();
      await leave(system, { email: "token@example.com", full_name: "No Token", source: "landing" });
      await waitFor("the refusal to be known", async () => {
        const [health] = await system.sql`select verdict from amocrm_health`;
        return health?.["verdict"] === "blocked";
      });
      const { page, context } = await dashboard.open("", admin);
      const newcomer = hands(page);
      await newcomer.press("Connect amoCRM anew");
      const opened = context.waitForEvent("page");
      await newcomer.follow("Open amoCRM");
      const tab = await opened;
      await tab
        .getByText(/connected/i)
        .first()
        .waitFor();
      await tab.close();
      await newcomer.agree("It says connected: look");
      await until("token@example.com", "delivered");
      expect(newcomer.count()).toBeLessThanOrEqual(ACTIONS_MAX);
      await context.close();
    },
    LIMITS_MS,
  );
});

test(
  "another project's token is refused by the Data API and by the functions, whatever role it names",
  async () => {
    const { url, publishableKey, functionsUrl } = system.stack;
    const [header = "", claims = ""] = admin.token.split(".");
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg: string };
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const signature = sign("sha256", Buffer.from(`${header}.${claims}`), {
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    });
    const statuses = async (token: string): Promise<number[]> => {
      const headers = {
        apikey: publishableKey,
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      };
      const asked = [
        fetch(`${url}/rest/v1/rpc/amocrm_dashboard`, { method: "POST", headers, body: "{}" }),
        fetch(`${functionsUrl}/amocrm-admin`, { method: "POST", headers, body: '{"action":"plan"}' }),
      ];
      return (await Promise.all(asked)).map(({ status }) => status);
    };
    expect(alg).toBe("ES256");
    expect(await statuses(admin.token)).toEqual([200, 200]);
    expect(await statuses(`${header}.${claims}.${signature.toString("base64url")}`)).toEqual([401, 401]);
  },
  LIMITS_MS,
);

/** One each ten seconds: an hour of them, or twenty minutes. */
const REFRESH_COUNT = sized(120, 360);

test(
  `${REFRESH_COUNT} refreshes leave the page below 60 MB of heap`,
  async () => {
    const { page, context } = await dashboard.open("", admin, { hasClock: true });
    await page.getByRole("heading", { name: "Is it alive?" }).waitFor();
    // The answers are the first ones, as they were: it is the page that is measured, and not the database.
    const answers = new Map<string, string>();
    await page.route("**/rest/v1/rpc/**", async (route) => {
      const address = route.request().url();
      const known = answers.get(address);
      if (known !== undefined) return route.fulfill({ body: known, contentType: "application/json" });
      const answer = await route.fetch();
      answers.set(address, await answer.text());
      return route.fulfill({ response: answer });
    });
    const debug = await context.newCDPSession(page);
    const heapMb = async (): Promise<number> => {
      await debug.send("HeapProfiler.collectGarbage");
      const { usedSize } = await debug.send("Runtime.getHeapUsage");
      return usedSize / 1_048_576;
    };
    const refresh = async (): Promise<void> => {
      const asked = page.waitForResponse(/rpc\/amocrm_dashboard/);
      await page.clock.runFor(10_000);
      await asked;
    };
    for (let count = 0; count < 10; count++) await refresh();
    const early = await heapMb();
    for (let count = 10; count < REFRESH_COUNT; count++) await refresh();
    const late = await heapMb();
    expect(late).toBeLessThan(60);
    // What stays behind at each refresh would grow for as long as the tab is open.
    expect(late - early).toBeLessThan(sized(1.5, 3));
    await context.close();
  },
  LIMITS_MS,
);
