import { benchLeads } from "./bench-leads.ts";
import { whole } from "./format.ts";
import type { BenchOptions, Ratio, Report } from "./options.ts";
import { leaveTogether, loadMirror, type Product, startProduct } from "./product.ts";

const PACE_MS = 150;
/** Eight pages of 250 for each hundred leads, whichever the size. */
const CONTACTS_A_LEAD = 20;

/** What a request was for, by its address. */
const PURPOSES = ["searches", "contacts read", "deals read", "writes", "other"] as const;
type Purpose = (typeof PURPOSES)[number];

/** Leads that come all at once while the mirror cannot answer: it was never read, or the whole account changed since. */
export async function benchFirstDay({ isQuick, say }: BenchOptions): Promise<Report> {
  const count = isQuick ? 150 : 1000;
  const contactCount = count * CONTACTS_A_LEAD;
  const rows: string[][] = [];
  const ratios: Ratio[] = [];
  const cases = [
    { name: `${whole(contactCount)} contacts unread`, prepare: async () => undefined },
    { name: `${whole(contactCount)} contacts changed since`, prepare: changeAll },
  ];
  for (const { name, prepare } of cases) {
    say(`first-day: ${name}`);
    const purposes = await deliver(count, contactCount, prepare);
    const requestCount = PURPOSES.reduce((sum, purpose) => sum + purposes[purpose], 0);
    say(`first-day: ${name}: ${requestCount} requests, ${purposes.searches} of them searches`);
    rows.push([name, ...[requestCount, ...PURPOSES.map((purpose) => purposes[purpose])].map(whole)]);
    // A page for each 250 contacts, and the delivery; what searches cost is two for each lead.
    ratios.push({ name: `${name}: requests a lead`, value: requestCount / count, max: isQuick ? 0.7 : 0.2 });
  }
  return {
    title: `${whole(count)} leads at once before the mirror can answer`,
    head: ["requests until all are delivered", "all", ...PURPOSES],
    rows,
    ratios,
    remarks: [
      "The whole product in real time, from its first request on, nothing called before; contacts without deals.",
      "Searching for a new person by e-mail and phone costs two requests, reading the mirror one for 250 contacts.",
    ],
  };
}

async function deliver(
  count: number,
  contactCount: number,
  prepare: (product: Product) => Promise<undefined>,
): Promise<Record<Purpose, number>> {
  const product = await startProduct({
    contactCount,
    dealCount: 0,
    minIntervalMs: PACE_MS,
    hasPace: true,
  });
  try {
    await prepare(product);
    await leaveTogether(product, benchLeads(count, 0));
    await product.delivered();
    return purposesOf(product);
  } finally {
    await product.stop();
  }
}

/** A complete mirror that is an hour old, and every contact was changed in amoCRM meanwhile. */
async function changeAll(product: Product): Promise<undefined> {
  await loadMirror(product);
  await product.sql`update amocrm.cursors set changed_until = clock_timestamp() - interval '1 hour' where entity = 'contact'`;
  const { state, control } = product.simulator.simulator;
  for (const { id } of state.contacts() as unknown as { id: number }[])
    control.edit({ action: "rename", entity: "contact", id, name: `Контакт ${id}` });
}

function purposesOf({ simulator }: Product): Record<Purpose, number> {
  const counts: Record<Purpose, number> = {
    searches: 0,
    "contacts read": 0,
    "deals read": 0,
    writes: 0,
    other: 0,
  };
  for (const { method, path, query } of simulator.simulator.log.entries()) {
    const isRead = method === "GET";
    if (!isRead) counts.writes += 1;
    else if (query.includes("query=")) counts.searches += 1;
    else if (/\/contacts(\/\d+)?$/.test(path)) counts["contacts read"] += 1;
    else if (/\/leads(\/\d+)?$/.test(path)) counts["deals read"] += 1;
    else counts.other += 1;
  }
  return counts;
}
