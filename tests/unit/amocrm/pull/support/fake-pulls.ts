import type { Contact, Deal } from "#shared/amocrm/api/entities.ts";
import type { Begun, Pulls, ReadHints } from "#shared/amocrm/pull/port.ts";
import type { Position, PullEntity } from "#shared/amocrm/pull/position.ts";

interface Cursor {
  isComplete: boolean;
  position: Position | null;
  changedUntil: string | null;
  isDue: boolean;
}

/** The mirror and its runs in memory, as far as the use case sees them. */
export interface FakePulls extends Pulls {
  mirror: { contact: Map<number, Contact>; deal: Map<number, Deal> };
  cursors: Record<PullEntity, Cursor>;
  failures: string[];
  since: string | null;
  /** Every position that was committed. */
  positions: Position[];
  /** The call dies at this page, counted from 1: before it is stored, or just after. */
  dieAt: { page: number; when: "before" | "after" } | null;
  /** How often that came to pass. */
  deathCount: number;
  refusesDeletions: boolean;
  isHookCheckDue: boolean;
  /** What hooks named. */
  hints: { entity: PullEntity; id: number; isDeleted: boolean }[];
  /** What was read because of them. */
  stored: ReadHints[];
  /** Of each call's end, whether the next one was called. */
  rings: boolean[];
  /** Makes both entities due again. */
  want(): void;
}

export class Killed extends Error {}

export function createFakePulls(nowMs: () => number): FakePulls {
  const missing = new Set<number>();
  let pageCount = 0;
  const die = (): never => {
    pulls.deathCount += 1;
    throw new Killed();
  };
  const pulls: FakePulls = {
    mirror: { contact: new Map(), deal: new Map() },
    cursors: {
      contact: { isComplete: false, position: null, changedUntil: null, isDue: true },
      deal: { isComplete: false, position: null, changedUntil: null, isDue: true },
    },
    failures: [],
    positions: [],
    since: null,
    dieAt: null,
    deathCount: 0,
    refusesDeletions: false,
    isHookCheckDue: false,
    rings: [],
    want() {
      for (const cursor of Object.values(pulls.cursors)) cursor.isDue = true;
    },
    async begin(): Promise<Begun> {
      if (pulls.hints.length > 0) return { outcome: "hints", clockOffsetMs: null };
      const entity = (["contact", "deal"] as const).find((one) => pulls.cursors[one].isDue);
      if (entity === undefined) return { outcome: "not_due" };
      const { isComplete, position, changedUntil } = pulls.cursors[entity];
      const now = new Date(nowMs()).toISOString();
      return {
        outcome: "granted",
        now,
        pipelinesReadAt: now,
        isHookCheckDue: pulls.isHookCheckDue,
        pull: {
          id: 1,
          entity,
          kind: position?.kind ?? (isComplete ? "window" : "first"),
          since: entity === "deal" ? pulls.since : null,
          position,
          changedUntil,
          deletedUntil: changedUntil,
          clockOffsetMs: null,
        },
      };
    },
    hints: [],
    stored: [],
    async takeHints(_token, limit) {
      const next = pulls.hints.filter(({ entity }) => entity === pulls.hints[0]?.entity).slice(0, limit);
      const idsOf = (isDeleted: boolean) =>
        next.filter((hint) => hint.isDeleted === isDeleted).map(({ id }) => id);
      const takenAt = new Date(nowMs()).toISOString();
      return {
        entity: next[0]?.entity ?? null,
        takenAt,
        since: 1000,
        ids: idsOf(false),
        deletedIds: idsOf(true),
      };
    },
    async storeHints(_token, read) {
      pulls.stored.push(read);
      pulls.hints = pulls.hints.filter(
        ({ entity, id }) => entity !== read.entity || !read.asked.includes(id),
      );
    },
    async letHintsWait(_token, entity, ids) {
      pulls.failures.push(`${ids.length} ${entity}s wait`);
      pulls.hints = pulls.hints.filter((hint) => hint.entity !== entity || !ids.includes(hint.id));
    },
    async setAside(entity, id, reason) {
      pulls.failures.push(id === null ? reason : `${entity} ${id}: ${reason}`);
    },
    async page(_token, _pullId, { rows, position, asked }) {
      const entity: PullEntity = pulls.cursors.contact.isDue ? "contact" : "deal";
      const deleted = rows.filter(
        (row) => row.isDeleted && pulls.mirror[entity].get(row.id)?.isDeleted === false,
      );
      if (pulls.refusesDeletions && deleted.length > 0)
        return { isRefused: true, deletedCount: deleted.length };
      pageCount += 1;
      if (pulls.dieAt?.page === pageCount && pulls.dieAt.when === "before") die();
      for (const row of rows) {
        const known = pulls.mirror[entity].get(row.id);
        if (known !== undefined && known.updatedAt > row.updatedAt) continue;
        if (entity === "contact") pulls.mirror.contact.set(row.id, row as Contact);
        else pulls.mirror.deal.set(row.id, row as Deal);
      }
      if (entity === "contact") {
        for (const row of rows as Contact[]) for (const id of row.dealIds) missing.add(id);
      } else {
        for (const id of asked ?? [...missing]) missing.delete(id);
      }
      pulls.cursors[entity].position = position;
      pulls.positions.push(position);
      if (pulls.dieAt?.page === pageCount) die();
      return { isRefused: false, deletedCount: deleted.length };
    },
    missing: async (limit) => [...missing].filter((id) => !pulls.mirror.deal.has(id)).slice(0, limit),
    async finish(_token, _pullId, until) {
      const entity: PullEntity = pulls.cursors.contact.isDue ? "contact" : "deal";
      pulls.cursors[entity] = { isComplete: true, position: null, changedUntil: until, isDue: false };
    },
    async fail(_token, _pullId, code) {
      pulls.failures.push(code);
    },
    async end(_token, rings) {
      const isDue = Object.values(pulls.cursors).some((cursor) => cursor.isDue);
      pulls.rings.push(rings && isDue);
      return isDue;
    },
  };
  return pulls;
}
