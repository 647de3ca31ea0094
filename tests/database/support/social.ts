import { beforeEach, expect } from "vitest";
import { createSocialSimulator } from "#dev/social-simulator/simulator.ts";
import { answerInstagramEvents } from "#shared/loyalty/instagram-events.ts";
import { answerTelegramEvents } from "#shared/loyalty/telegram-events.ts";
import { answerVkEvents } from "#shared/loyalty/vk-events.ts";
import { createInbox } from "#shared/outbox/inbox/store.ts";
import { NOON, setTestClock } from "./clock.ts";
import type { TestDatabase } from "./database.ts";
import { openLoyalty } from "./loyalty.ts";
import { openRpc } from "./rpc.ts";

const SECRETS = { vk: "vk-secret", telegram: "telegram_secret", instagram: "meta-app-secret" };
const DOORS = { vk: answerVkEvents, telegram: answerTelegramEvents, instagram: answerInstagramEvents };
const NETWORKS = ["vk", "telegram", "instagram"] as const;
export type Network = (typeof NETWORKS)[number];
/** Ann's id in every network. */
export const ANN = 101;
/** A discussion in Telegram. */
export const GROUP = -1_001_000_000_001;

/** The doors of the social networks between simulated networks and the real database. */
export async function openSocial(database: TestDatabase) {
  const { sql } = database;
  const { member } = openLoyalty(sql);
  const service = database.connect({ user: "authenticator", role: "service_role" });
  const rpc = await openRpc(service);
  const simulator = createSocialSimulator(SECRETS);
  const social = {
    simulator,
    /** The variables of the functions; as in a project that names nothing but secrets, at the beginning of each test. */
    environment: {} as Record<string, string>,
    now: NOON,
    async at(date: Date): Promise<void> {
      social.now = date;
      await setTestClock(date, sql, service);
    },
    tell: (network: Network, request: Request): Promise<Response> =>
      DOORS[network](request, {
        environment: social.environment,
        inbox: createInbox(rpc, network),
        log: () => {},
      }),
    /** Tells and demands the answer that the network wants. */
    async told(network: Network, request: Request): Promise<void> {
      const answer = await social.tell(network, request);
      expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
    },
    work: async () => Number((await sql`select amocrm.work_social() as count`)[0]?.["count"]),
    waiting: async () =>
      Number((await sql`select count(*) from amocrm.inbox where state = 'waiting'`)[0]?.["count"]),
    kept: async () => Number((await sql`select count(*) from amocrm.inbox`)[0]?.["count"]),
    async link(who: string, network: Network, account: number | string): Promise<void> {
      await sql`insert into loyalty_identities (member_id, provider, external_id) values (${who}, ${network}, ${String(account)})`;
    },
    async rule(network: Network, action: string, points: number, perDay = 10, perPost = 1): Promise<void> {
      await sql`insert into loyalty_award_rules (provider, action, points, per_day, per_post)
        values (${network}, ${action}, ${points}, ${perDay}, ${perPost})
        on conflict (provider, action) do update set points = excluded.points, per_day = excluded.per_day, per_post = excluded.per_post`;
    },
    bookings: async () =>
      (await sql`select kind, amount from loyalty_points order by id`).map(
        (row) => `${row["kind"]} ${row["amount"]}`,
      ),
    /** A member whose accounts are known everywhere, with rules for everything. */
    async ann(): Promise<string> {
      const who = await member();
      for (const network of NETWORKS) {
        await social.link(who, network, ANN);
        for (const action of ["like", "comment", "repost", "join"]) await social.rule(network, action, 5);
      }
      return who;
    },
  };
  beforeEach(async () => {
    social.environment = {
      VK_SECRET: SECRETS.vk,
      VK_CONFIRMATION: "3f1c2a9b",
      TELEGRAM_SECRET: SECRETS.telegram,
      INSTAGRAM_APP_SECRET: SECRETS.instagram,
      INSTAGRAM_VERIFY_TOKEN: "verify-token",
    };
    await sql`update amocrm.loyalty_networks set takes_all = false, worked_at = null where true`;
    await social.at(NOON);
  });
  return social;
}
