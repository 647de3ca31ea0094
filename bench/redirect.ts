import { waitFor } from "#dev/stack/wait.ts";
import { atRate } from "./at-rate.ts";
import { ms, whole } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median, percentile } from "./percentile.ts";
import { startProduct } from "./product.ts";

const PER_SECOND = 50;
const GOAL_95_MS = 100;
const LINK_COUNT = 500;
const COUNTED_WITHIN_MS = 60_000;
const PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

/** Fifty clicks a second on short links: how soon people are led on, and that it is as soon while nothing can be counted. */
export async function benchRedirect({ isQuick, say }: BenchOptions): Promise<Report> {
  const product = await startProduct({ contactCount: 10, minIntervalMs: 1, hasPace: false });
  const { sql, functionsUrl } = product;
  try {
    await sql`insert into link_targets (name, target_url) values ('course', 'https://school.example/course')`;
    const codes = (
      await sql`select short_link_make('course') as code from generate_series(1, ${LINK_COUNT})`
    ).map(({ code }) => String(code));
    const seconds = isQuick ? 3 : 20;
    const click = async (code: string | undefined): Promise<{ isLed: boolean }> => {
      const response = await fetch(`${functionsUrl}/go/${code}`, {
        redirect: "manual",
        headers: { "user-agent": PERSON },
      }).catch(() => null);
      await response?.body?.cancel();
      return { isLed: response?.status === 302 };
    };
    const clicks = (count: number) =>
      atRate(PER_SECOND, count, (index) => codes[index % codes.length], click);
    // The function starts with its first caller.
    await clicks(PER_SECOND);
    say(`redirect: ${PER_SECOND} clicks a second for ${seconds} s`);
    const free = await clicks(PER_SECOND * seconds);
    say("redirect: the same while nothing can be counted");
    const blocker = await sql.reserve();
    await blocker`begin`;
    await blocker`lock table link_clicks in access exclusive mode`;
    const blocked = await clicks(PER_SECOND * seconds);
    await blocker`rollback`;
    blocker.release();
    const all = PER_SECOND * (1 + 2 * seconds);
    let counted = 0;
    await waitFor(
      "clicks to be counted",
      async () => {
        counted = (await sql`select count(*)::int as count from link_clicks`)[0]?.["count"];
        return counted >= all;
      },
      { timeoutMs: COUNTED_WITHIN_MS },
    ).catch(() => undefined);
    const row = (name: string, answers: typeof free) => {
      const times = answers.map(({ tookMs }) => tookMs);
      const lost = answers.filter(({ isLed }) => !isLed).length;
      return [
        name,
        whole(answers.length),
        whole(lost),
        ms(median(times)),
        ms(percentile(times, 0.95)),
        String(GOAL_95_MS),
      ];
    };
    return {
      title: `Short links, ${PER_SECOND} clicks a second`,
      head: ["", "clicks", "not led on", "median, ms", "95th percentile, ms", "goal"],
      rows: [row("counted", free), row("while the table of clicks is locked", blocked)],
      remarks: [
        `${whole(counted)} of ${whole(all)} clicks were counted in the end; a function keeps a thousand waiting for half a minute.`,
        "Functions under Deno, database and sender share this machine's cores.",
      ],
    };
  } finally {
    await product.stop();
  }
}
