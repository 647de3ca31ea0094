import postgres from "postgres";
import { createSocialSimulator } from "#dev/social-simulator/simulator.ts";
import { startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { atRate } from "./at-rate.ts";
import { ROOT } from "./bench-server.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { percentile } from "./percentile.ts";

const SECRETS = { vk: "bench-secret", telegram: "bench-secret", instagram: "bench-secret" };
const PER_SECOND = 100;
const WARMING_SECONDS = 3;
const MEMBERS = 1000;
const GOAL_95_MS = 1000;
const WORKED_OFF_MS = 300_000;

/** A hundred deliveries of VK, Telegram and Instagram a second, of one change each, and how long they take to be worked off. */
export async function benchSocial({ isQuick, say }: BenchOptions): Promise<Report> {
  const simulator = createSocialSimulator(SECRETS);
  const stack = await startStack({
    root: ROOT,
    functionEnv: {
      AMOCRM_ENABLED: "false",
      VK_SECRET: SECRETS.vk,
      TELEGRAM_SECRET: SECRETS.telegram,
      INSTAGRAM_APP_SECRET: SECRETS.instagram,
    },
  });
  const sql = postgres(stack.dbUrl(), { max: 2, onnotice: () => {} });
  try {
    for (const provider of ["vk", "telegram", "instagram"]) {
      await sql`insert into loyalty_award_rules (provider, action, points, per_day) values (${provider}, 'like', 1, null), (${provider}, 'comment', 1, null)`;
      await sql`with made as (insert into loyalty_members select from generate_series(1, ${MEMBERS}) returning id)
        insert into loyalty_identities (member_id, provider, external_id) select id, ${provider}, row_number() over () from made`;
    }
    // A function that has not been called yet is loaded first, which cold-start measures.
    for (const name of ["vk", "telegram", "instagram"])
      await (await fetch(`${stack.functionsUrl}/${name}-events`, { method: "PUT" })).body?.cancel();
    const seconds = isQuick ? 5 : 60;
    say(`social: ${PER_SECOND} a second for ${seconds} s`);
    const deliveryOf = async (index: number) => {
      const person = 1 + (index % MEMBERS);
      const [name, request] = [
        ["vk", simulator.like(person, index)] as const,
        ["telegram", simulator.reaction(person, index)] as const,
        ["instagram", simulator.comment(String(person), String(index), String(index))] as const,
      ][index % 3] ?? ["vk", simulator.like(person, index)];
      return { name, headers: Object.fromEntries(request.headers), body: await request.text() };
    };
    const send = async ({ name, headers, body }: Awaited<ReturnType<typeof deliveryOf>>) => {
      const answer = await fetch(`${stack.functionsUrl}/${name}-events`, {
        method: "POST",
        headers,
        body,
      }).catch(() => null);
      const text = await answer?.text();
      return { isRight: answer?.status === 200 && text === "ok" };
    };
    // The first ones load the functions and fill their pools; what they take is a row of its own.
    const first = await atRate(PER_SECOND, PER_SECOND * WARMING_SECONDS, deliveryOf, send);
    const answers = await atRate(
      PER_SECOND,
      PER_SECOND * seconds,
      (index) => deliveryOf(first.length + index),
      send,
    );
    const endedAt = performance.now();
    const left = async () =>
      (
        await sql`select 1 from amocrm.inbox where source in ('vk', 'telegram', 'instagram') and state <> 'worked' limit 1`
      ).length;
    await waitFor("deliveries to be worked off", async () => (await left()) === 0, {
      timeoutMs: WORKED_OFF_MS,
    });
    const workedMs = performance.now() - endedAt;
    const [row] = await sql<{ count: number }[]>`select count(*)::int from loyalty_points`;
    const all = [...first, ...answers];
    const timesOf = (some: readonly { tookMs: number }[]) => some.map(({ tookMs }) => tookMs);
    return {
      title: "VK, Telegram and Instagram, 100 deliveries a second",
      head: ["", "seen", "goal"],
      rows: [
        ["deliveries", whole(all.length), ""],
        ["answers other than 200 `ok`", whole(all.filter(({ isRight }) => !isRight).length), "0"],
        [
          `95 % of the ${whole(first.length)} before, which load all there is, ms`,
          ms(percentile(timesOf(first), 0.95)),
          "",
        ],
        ["95 % of answers, ms", ms(percentile(timesOf(answers), 0.95)), `below ${whole(GOAL_95_MS)}`],
        ["95 % of all of them, ms", ms(percentile(timesOf(all), 0.95)), ""],
        ["slowest answer after them, ms", ms(Math.max(...timesOf(answers))), ""],
        ["worked off after the last one, ms", ms(workedMs), `below ${whole(WORKED_OFF_MS)}`],
        ["awards that are missing", whole(all.length - (row?.count ?? 0)), "0"],
      ],
      remarks: [
        "Functions under Deno, database and sender share this machine's cores; each function was called once before.",
      ],
    };
  } finally {
    await sql.end({ timeout: 1 });
    await stack.stop();
  }
}
