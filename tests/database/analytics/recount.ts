import type { Session } from "../support/database.ts";

/** A row of the funnel as the truth has it, counted in a way that has nothing in common with the product's. */
export interface FunnelRow {
  day: string;
  source: string;
  campaign: string;
  counts: Record<string, number>;
  median: number | null;
}

const ALMATY_MS = 5 * 3_600_000;
const number = (value: unknown): number => Number(value ?? 0);

/** Reads all tables and counts by hand, person by person, in the zone of Almaty. */
export async function recount(sql: Session): Promise<FunnelRow[]> {
  const leads =
    await sql`select * from public.unified_lead_tracking where id not in (select lead_id from amocrm.quarantined_leads) order by created_at, id`;
  const students = await sql`select id, email_key from public.tripwire_users`;
  const mails = await sql`select * from amocrm.mails`;
  const mailEvents = await sql`select message_id, type from amocrm.mail_events`;
  const sms = await sql`select * from amocrm.sms`;
  const clicks =
    await sql`select short_links.lead_id, short_links.student_id from link_clicks join short_links using (code) where verdict = 'human'`;
  const links =
    await sql`select subject_id, amocrm_id from amocrm.links where object = 'deal' and subject_table = 'unified_lead_tracking'`;
  const deals = new Map(
    (await sql`select * from amocrm_deals`).map((deal) => [deal["amocrm_deal_id"], deal]),
  );
  const moves = await sql`select amocrm_deal_id, min(occurred_at) as at from amocrm_deal_events
    where event in ('stage_changed', 'won', 'lost') group by 1`;
  const movedAt = new Map(moves.map((move) => [move["amocrm_deal_id"], move["at"] as Date]));
  const allLeads = await sql`select id, created_at from public.unified_lead_tracking order by created_at, id`;
  const place = new Map(allLeads.map((lead, index) => [lead["id"], index]));
  const ownerOf = new Map<number, string>();
  for (const { amocrm_id, subject_id } of links) {
    const owner = ownerOf.get(amocrm_id);
    const own = place.get(subject_id);
    if (own === undefined) continue;
    if (owner === undefined || own < (place.get(owner) ?? 0)) ownerOf.set(amocrm_id, subject_id);
  }
  const people = new Map<string, (typeof leads)[number][]>();
  for (const lead of leads) {
    const key = lead["email"] ?? lead["phone"] ?? lead["id"];
    people.set(key, [...(people.get(key) ?? []), lead]);
  }
  type Row = FunnelRow & { buckets: number[] };
  const rows = new Map<string, Row>();
  for (const [key, own] of people) {
    const first = own[0];
    if (first === undefined) continue;
    const day = new Date(first["created_at"].getTime() + ALMATY_MS).toISOString().slice(0, 10);
    const [source, campaign] = [first["source"] ?? "", first["utm_campaign"] ?? ""];
    const name = [day, source, campaign].join("|");
    const row: Row = rows.get(name) ?? { day, source, campaign, counts: {}, median: null, buckets: [] };
    rows.set(name, row);
    const add = (what: string, count: number) => {
      row.counts[what] = number(row.counts[what]) + count;
    };
    const subjects = new Set(own.map(({ id }) => id));
    for (const student of students) if (student["email_key"] === key) subjects.add(student["id"]);
    const sent = mails.filter(({ subject_id }) => subjects.has(subject_id));
    const texts = sms.filter(({ subject_id }) => subjects.has(subject_id));
    add("leads", own.length);
    add("people", 1);
    add("delivered_to_crm", own.filter(({ amocrm_synced_at }) => amocrm_synced_at !== null).length);
    add("mails_sent", sent.filter(({ accepted_at }) => accepted_at !== null).length);
    add(
      "mails_delivered",
      sent.filter(({ outcome }) => outcome === "delivered" || outcome === "complained").length,
    );
    add(
      "mails_opened",
      sent.filter(({ message_id }) =>
        mailEvents.some((event) => event["message_id"] === message_id && event["type"] === "email.opened"),
      ).length,
    );
    add("sms_sent", texts.filter(({ accepted_at }) => accepted_at !== null).length);
    add("sms_delivered", texts.filter(({ outcome }) => outcome === "delivered").length);
    add(
      "human_clicks",
      clicks.filter(({ lead_id, student_id }) => subjects.has(lead_id) || subjects.has(student_id)).length,
    );
    for (const what of ["deals_open", "deals_won", "deals_lost", "revenue"]) add(what, 0);
    for (const { subject_id, amocrm_id } of links) {
      const deal = deals.get(amocrm_id);
      const lead = own.find(({ id }) => id === subject_id);
      if (
        lead === undefined ||
        ownerOf.get(amocrm_id) !== subject_id ||
        deal === undefined ||
        deal["is_deleted"]
      )
        continue;
      const status = deal["status_id"];
      if (status !== null)
        add(status === 142 ? "deals_won" : status === 143 ? "deals_lost" : "deals_open", 1);
      if (status === 142) add("revenue", number(deal["price"]));
      const moved = movedAt.get(amocrm_id);
      if (moved !== undefined) {
        const minutes = Math.max((moved.getTime() - lead["created_at"].getTime()) / 60_000, 0);
        row.buckets.push(Math.floor(4 * Math.log2(minutes + 1)));
      }
    }
  }
  return [...rows.values()]
    .map(({ buckets, ...row }) => {
      const middle = buckets.sort((a, b) => a - b)[Math.ceil(buckets.length / 2) - 1];
      return {
        ...row,
        median: middle === undefined ? null : Number((2 ** ((middle + 0.5) / 4) - 1).toFixed(1)),
      };
    })
    .sort((a, b) =>
      JSON.stringify([a.day, a.source, a.campaign]) < JSON.stringify([b.day, b.source, b.campaign]) ? -1 : 1,
    );
}

/** The same rows as the view shows them. */
export async function shown(sql: Session): Promise<FunnelRow[]> {
  const rows =
    await sql`select * from (select day::text as on_day, * from landing_funnel) as funnel order by on_day, source, campaign`;
  return rows
    .map(({ on_day, day: _, source, campaign, median_minutes_to_first_move, ...counts }) => ({
      ...{
        day: String(on_day),
        source: String(source),
        campaign: String(campaign),
        counts: counts as Record<string, number>,
      },
      median: median_minutes_to_first_move === null ? null : Number(median_minutes_to_first_move),
    }))
    .sort((a, b) =>
      JSON.stringify([a.day, a.source, a.campaign]) < JSON.stringify([b.day, b.source, b.campaign]) ? -1 : 1,
    );
}
