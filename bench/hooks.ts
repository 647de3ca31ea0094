import { createHash } from "node:crypto";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { atRate } from "./at-rate.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { percentile } from "./percentile.ts";
import { startProduct } from "./product.ts";

const SECRET = "bench-secret-of-amocrms-hooks";
const PER_SECOND = 100;
const ENTRIES_MAX = 50;
const GOAL_SLOWEST_MS = 2000;
const GOAL_99_MS = 300;
const WARMING_SECONDS = 3;
const ENDING_MS = 120_000;

/** A hundred deliveries of amoCRM's hooks a second, with 1 to 50 entries each, and what reading them again costs. */
export async function benchHooks({ isQuick, say }: BenchOptions): Promise<Report> {
  const product = await startProduct({ contactCount: 8000, minIntervalMs: 1, hasPace: false });
  const { sql, simulator, functionsUrl } = product;
  try {
    await sql`update amocrm.cursors set is_complete = true, changed_until = now(), pulled_at = now()`;
    const hash = createHash("sha256").update(SECRET).digest("hex");
    await sql`insert into amocrm.webhook_control (secret_hash, made_at, checked_at, state) values (${hash}, now(), now(), 'on')`;
    // Each deal is changed once, and told of some 75 times, as by doubled hooks and by hooks of its contacts, tasks and notes.
    const deals = simulator.simulator.state.deals().map(({ id }) => Number(id));
    for (const id of deals)
      simulator.simulator.control.edit({ action: "rename", entity: "deal", id, name: "changed" });
    const second = Math.floor(Date.now() / 1000);
    const seconds = isQuick ? 5 : 60;
    say(`hooks: ${PER_SECOND} a second for ${seconds} s`);
    const named = new Set<number>();
    const bodyOf = (index: number): string => {
      const entries = Array.from({ length: 1 + (index % ENTRIES_MAX) }, (_, place) => {
        const id = deals[(index * 37 + place) % deals.length] ?? 0;
        named.add(id);
        return `leads[update][${place}][id]=${id}&leads[update][${place}][updated_at]=${second}`;
      });
      return [...entries, `n=${index}`, `account[id]=${SEED_IDS.account}`].join("&");
    };
    const send = async (body: string): Promise<{ status: number }> => {
      // A connection that breaks is an answer that was not 200, which amoCRM would repeat.
      const response = await fetch(`${functionsUrl}/amocrm-webhook/${SECRET}`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body,
      }).catch(() => null);
      await response?.body?.cancel();
      return { status: response?.status ?? 0 };
    };
    const sendAll = (count: number) => atRate(PER_SECOND, count, bodyOf, send);
    // The first ones load the function and fill its pools; what they take is a row of its own.
    const first = await sendAll(PER_SECOND * WARMING_SECONDS);
    const answers = await sendAll(PER_SECOND * seconds);
    await waitFor(
      "hooks to be read",
      async () =>
        (
          await sql`select 1 from amocrm.hints where due_at is not null
            union all select 1 from amocrm.hint_notes
            union all select 1 from amocrm.pull_control where lease_token is not null limit 1`
        ).length === 0,
      { timeoutMs: ENDING_MS },
    );
    const [row] = await sql<{ kept: number; requests: number }[]>`
      select (select count(*)::int from amocrm.hints) as kept,
        (select count(*)::int from amocrm.requests where function_name = 'amocrm-pull') as requests`;
    const times = answers.map(({ tookMs }) => tookMs);
    const bad = [...first, ...answers].filter(({ status }) => status !== 200).length;
    return {
      title: "amoCRM's hooks, 100 deliveries a second",
      head: ["", "seen", "goal"],
      rows: [
        ["deliveries", whole(answers.length), ""],
        ["answers other than 200", whole(bad), "0"],
        ["deals named and not kept", whole(named.size - (row?.kept ?? 0)), "0"],
        [
          `slowest of the ${whole(first.length)} before, which load all there is, ms`,
          ms(Math.max(...first.map(({ tookMs }) => tookMs))),
          "",
        ],
        ["slowest answer, ms", ms(Math.max(...times)), `below ${whole(GOAL_SLOWEST_MS)}`],
        ["99 % of answers, ms", ms(percentile(times, 0.99)), `below ${whole(GOAL_99_MS)}`],
        [
          `requests to read ${whole(named.size)} deals again`,
          whole(row?.requests ?? 0),
          `at most ${whole(named.size / 250 + 4)}`,
        ],
      ],
      remarks: ["Functions under Deno, database and sender share this machine's cores."],
    };
  } finally {
    await product.stop();
  }
}
