import { type BenchLead, benchLeads } from "./bench-leads.ts";
import { openClassicAccount } from "./classic-account.ts";
import { times, whole } from "./format.ts";
import type { BenchOptions, Ratio, Report } from "./options.ts";
import { leaveTogether, loadMirror, type Product, startProduct } from "./product.ts";

const PACE_MS = 150;
const CONTACT_COUNT = 20_000;

interface Delivery {
  requestCount: number;
  seconds: number;
  newContactCount: number;
  dealCount: number;
  largestCpuMs: number;
}

/** Requests per lead, and leads per minute at a fixed pace, into an account of 20,000 contacts. */
export async function benchDelivery({ isQuick, say }: BenchOptions): Promise<Report> {
  const count = isQuick ? 200 : 1000;
  const cases = [
    { name: `${whole(count)} leads of new people`, leads: benchLeads(count, 0) },
    { name: `${whole(count)} leads, 30 % of contacts in amoCRM`, leads: benchLeads(count, (count * 3) / 10) },
  ];
  const rows: string[][] = [];
  const remarks: string[] = [];
  const ratios: Ratio[] = [];
  for (const { name, leads } of isQuick ? cases.slice(0, 1) : cases) {
    say(`delivery: ${name}, ours`);
    const ours = await deliverOurs(leads);
    say(`delivery: ${name}, the classic flow`);
    const classic = await deliverClassic(leads);
    const perMinute = ({ seconds }: Delivery): string => whole((leads.length / seconds) * 60);
    const perLead = ({ requestCount }: Delivery): string => (requestCount / leads.length).toFixed(3);
    rows.push(
      [`${name}: requests`, whole(ours.requestCount), whole(classic.requestCount)],
      ["  requests per lead", perLead(ours), perLead(classic)],
      [`  leads a minute at ${PACE_MS} ms`, perMinute(ours), perMinute(classic)],
      ["  contacts made", whole(ours.newContactCount), whole(classic.newContactCount)],
      ["  deals made", whole(ours.dealCount), whole(classic.dealCount)],
      ["  CPU of the largest call, ms", whole(ours.largestCpuMs), "–"],
    );
    ratios.push(
      {
        name: `${name}: our requests against the classic flow's`,
        value: ours.requestCount / classic.requestCount,
        max: 0.05,
      },
      { name: `${name}: our deals against its`, value: ours.dealCount / classic.dealCount, max: 1 },
    );
    const fewer = classic.requestCount / ours.requestCount;
    remarks.push(
      `${name}: ours needs ${times(classic.requestCount, ours.requestCount)} fewer requests${fewer < 50 && name.includes("new people") ? ", BEHIND the goal of 50×" : ""}.`,
    );
  }
  return {
    title: `Delivery into an account of ${whole(CONTACT_COUNT)} contacts`,
    head: ["", "ours", "classic flow"],
    rows,
    ratios,
    remarks: [
      ...remarks,
      "Ours: the whole product in real time, from the first request to the last settled message, with its mirror complete. The first pull that fills the mirror costs one request for 250 contacts, once: 80 here.",
      "Classic: search by e-mail, then phone, deals of the contact, create contact and deal or use the open one, note; on a virtual clock on which a request takes the pace and no time besides, which flatters it.",
      "Both write a note for each lead: the lead's source has no field in this account.",
    ],
  };
}

async function deliverOurs(leads: readonly BenchLead[]): Promise<Delivery> {
  const product = await startProduct({ contactCount: CONTACT_COUNT, minIntervalMs: PACE_MS, hasPace: true });
  try {
    await loadMirror(product);
    const before = countsOf(product);
    await leaveTogether(product, leads);
    await product.delivered();
    // Whatever the pull reads meanwhile is counted in.
    const requests = product.simulator.simulator.log.entries();
    const [first] = requests;
    const [row] = await product.sql<
      { last: Date }[]
    >`select max(delivered_at) as last from public.amocrm_outbox`;
    const after = countsOf(product);
    return {
      requestCount: requests.length,
      seconds: ((row?.last.getTime() ?? 0) - (first?.received_at_ms ?? 0)) / 1000,
      newContactCount: after.contacts - before.contacts,
      dealCount: after.deals - before.deals,
      largestCpuMs: Math.max(...product.calls().map(({ cpuMs }) => cpuMs)),
    };
  } finally {
    await product.stop();
  }
}

function countsOf({ simulator }: Product): { contacts: number; deals: number } {
  const counts = simulator.simulator.state.counts();
  return { contacts: counts["contacts"] ?? 0, deals: counts["deals"] ?? 0 };
}

async function deliverClassic(leads: readonly BenchLead[]): Promise<Delivery> {
  const { flow, simulator, elapsedMs } = openClassicAccount(CONTACT_COUNT, PACE_MS);
  const before = simulator.state.counts();
  for (const lead of leads) await flow.deliver(lead);
  const after = simulator.state.counts();
  const grown = (kind: string): number => (after[kind as never] ?? 0) - (before[kind as never] ?? 0);
  return {
    requestCount: simulator.log.entries().length,
    seconds: elapsedMs() / 1000,
    newContactCount: grown("contacts"),
    dealCount: grown("deals"),
    largestCpuMs: 0,
  };
}
