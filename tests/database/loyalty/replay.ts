import type { Session } from "../support/database.ts";

interface Row {
  id: number;
  kind: string;
  amount: number;
  order_id: number | null;
  is_award: boolean;
  available_at: Date;
  expires_at: Date | null;
  created_at: Date;
}
interface Allocation {
  points_id: number;
  award_id: number;
  amount: number;
  fills_debt: boolean;
}

/** What the ledger of these members says when it is read row by row, and every rule that a row of it broke. */
export interface Replay {
  balance: number;
  shownDebt: number;
  broken: string[];
}

/** What is written of members: rows and allocations, in the order in which they were written. */
export interface Ledger {
  rows: Row[];
  allocations: Allocation[];
}

/** The ledgers of many families of members, read at once. */
export async function readLedgers(sql: Session, families: readonly (readonly string[])[]): Promise<Ledger[]> {
  const members = families.flat();
  const rows = await sql<(Row & { member_id: string })[]>`
    select * from loyalty_points where member_id = any (${members}) order by id`;
  const allocations = await sql<(Allocation & { member_id: string })[]>`
    select allocation.*, loyalty_points.member_id from amocrm.loyalty_allocations as allocation
    join loyalty_points on loyalty_points.id = allocation.points_id
    where loyalty_points.member_id = any (${members}) order by allocation.id`;
  const ledgers: Ledger[] = families.map(() => ({ rows: [], allocations: [] }));
  const places = new Map(families.flatMap((family, place) => family.map((member) => [member, place])));
  const of = (member: string): Ledger | undefined => ledgers[places.get(member) ?? -1];
  for (const row of rows) of(row.member_id)?.rows.push(row);
  for (const allocation of allocations) of(allocation.member_id)?.allocations.push(allocation);
  return ledgers;
}

/** Knows nothing of the SQL that computes balances: only the rows, in the order in which they were written. */
export function replay({ rows, allocations }: Ledger, now: Date): Replay {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const left = new Map(rows.filter((row) => row.is_award).map((row) => [row.id, row.amount]));
  const taken = new Map<number, number>();
  const shown = new Map<number, number>();
  const broken: string[] = [];
  const check = (holds: boolean, rule: string) => {
    if (!holds) broken.push(rule);
  };
  for (const { points_id: pointsId, award_id: awardId, amount, fills_debt: fills } of allocations) {
    const row = byId.get(pointsId);
    const award = byId.get(awardId);
    if (row === undefined || award?.expires_at == null) {
      broken.push(`${pointsId} takes from ${awardId}, which is no award of these members`);
      continue;
    }
    const rest = (left.get(awardId) ?? 0) + amount;
    check(rest >= 0, `award ${awardId} is taken twice`);
    check(rest <= award.amount, `award ${awardId} holds more than it was`);
    left.set(awardId, rest);
    taken.set(pointsId, (taken.get(pointsId) ?? 0) + amount);
    if (!fills || award.available_at <= now) shown.set(pointsId, (shown.get(pointsId) ?? 0) + amount);
    const isSpent = row.kind === "spend" || (row.kind === "adjust" && row.amount < 0);
    if (isSpent) {
      check(award.available_at <= row.created_at, `${pointsId} spends ${awardId} before it is available`);
      check(award.expires_at > row.created_at, `${pointsId} spends ${awardId} after it expired`);
    }
    if (row.kind === "expire") check(award.expires_at <= row.created_at, `${awardId} expires early`);
  }
  let owed = 0;
  let shownDebt = 0;
  for (const row of rows) {
    if (row.is_award) continue;
    const open = (taken.get(row.id) ?? 0) - row.amount;
    if (row.kind === "reverse" && row.amount < 0) {
      check(open >= 0, `reversal ${row.id} took more than it was`);
      owed += open;
      shownDebt += (shown.get(row.id) ?? 0) - row.amount;
    } else check(open === 0, `${row.kind} ${row.id} is not covered by awards`);
  }
  const total = rows.reduce((sum, row) => sum + row.amount, 0);
  const held = [...left.values()].reduce((sum, points) => sum + points, 0);
  check(total === held - owed, "the sum of the ledger is not what awards hold less what is owed");
  const spendable = [...left].reduce((sum, [id, points]) => {
    const award = byId.get(id);
    const counts = award?.expires_at != null && award.available_at <= now && award.expires_at > now;
    return counts ? sum + points : sum;
  }, 0);
  return { balance: spendable - shownDebt, shownDebt, broken };
}
