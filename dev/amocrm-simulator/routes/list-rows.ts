import { isBlank } from "../account/blank.ts";
import type { Entity, EntityKind } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { Call } from "./call.ts";
import { branch, integers, scalar, withValues } from "./query-tree.ts";

/**
 * The entities a list starts from, by id: the living ones, or only the deleted with `with=only_deleted`, narrowed
 * by `query`. Named ids are looked up instead of walked to, which keeps reads of a few rows cheap.
 */
export function rowsOf<Row extends Entity>(
  world: World,
  call: Call,
  options: { kind: EntityKind; entities: Map<number, Row> },
): Row[] {
  const wantsDeleted = withValues(call.query).has("only_deleted");
  const query = scalar(call.query, "query");
  const found = query === undefined || query === "" ? undefined : world.store.search(options.kind, query);
  const ids = integers(branch(call.query, "filter"), "id");
  const { lists } = world.settings;
  const canUseIds = ids.length > 0 && !(lists.filters_need_paid_option && !lists.is_api_filter_enabled);
  // What was made or changed just now has not got into the lists yet; rows by id and searches come from elsewhere. A list by
  // the hour of creation shows a row that was there before its last change.
  const isByCreation = Object.keys(branch(branch(call.query, "filter"), "created_at")).length > 0;
  const lastSeconds = ({ created_at: createdAt, updated_at: updatedAt }: Row) =>
    isByCreation && typeof createdAt === "number" ? createdAt : (updatedAt ?? 0);
  const isLate = (row: Row) => lastSeconds(row) > world.store.nowSeconds() - lists.late_ms / 1000;
  const mayBeLate = lists.late_ms > 0 && ids.length === 0 && found === undefined;
  const candidates = canUseIds ? pick(options.entities, ids) : [...options.entities.values()];
  return candidates.filter(
    (row) =>
      !(canUseIds && isBlank(world, options.kind, row.id)) &&
      row.is_deleted === wantsDeleted &&
      !(mayBeLate && isLate(row)) &&
      (found === undefined || found.has(row.id)),
  );
}

function pick<Row extends Entity>(entities: Map<number, Row>, ids: number[]): Row[] {
  const sorted = [...new Set(ids)].sort((one, other) => one - other);
  return sorted.flatMap((id) => entities.get(id) ?? []);
}
