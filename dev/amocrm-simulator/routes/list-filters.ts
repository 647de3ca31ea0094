import type { Company, Contact, Deal, Entity, EntityKind } from "../account/models.ts";
import type { World } from "../account/world.ts";
import type { QueryTree } from "./query-tree.ts";
import { branch, integers, scalar, scalars } from "./query-tree.ts";

type Test<Row> = (row: Row) => boolean;

const CHOICE_KEYS = ["id", "created_by", "updated_by", "responsible_user_id"] as const;
const RANGE_KEYS = ["created_at", "updated_at", "closest_task_at"] as const;

/**
 * The rows a `filter[...]` lets through. Unknown filters are ignored without a word, as are custom-field filters
 * of an account without the paid option; with `filters_need_paid_option` all of them are (amocrm-api 3.6).
 */
export function filterContacts(world: World, filter: QueryTree, rows: Contact[]): Contact[] {
  return apply(rows, entityTests(world, "contacts", filter));
}

/** As `filterContacts`, with the filters only deals have: price, closing time, pipeline and pairs of statuses. */
export function filterDeals(world: World, filter: QueryTree, rows: Deal[]): Deal[] {
  const tests: Test<Deal>[] = entityTests(world, "leads", filter);
  if (!areFiltersIgnored(world)) {
    push(
      tests,
      rangeTest(filter, "price", (deal) => deal.price),
    );
    push(
      tests,
      rangeTest(filter, "closed_at", (deal) => deal.closed_at),
    );
    push(
      tests,
      choiceTest(integers(filter, "pipeline_id"), (deal) => deal.pipeline_id),
    );
    push(tests, statusTest(filter));
  }
  return apply(rows, tests);
}

function areFiltersIgnored(world: World): boolean {
  return world.settings.lists.filters_need_paid_option && !world.settings.lists.is_api_filter_enabled;
}

function entityTests(world: World, kind: EntityKind, filter: QueryTree): Test<Entity>[] {
  const tests: Test<Entity>[] = [];
  if (areFiltersIgnored(world)) return tests;
  for (const key of CHOICE_KEYS)
    push(
      tests,
      choiceTest(integers(filter, key), (row) => row[key]),
    );
  for (const key of RANGE_KEYS)
    push(
      tests,
      rangeTest(filter, key, (row) => row[key]),
    );
  push(
    tests,
    choiceTest(scalars(filter, "name"), (row) => row.name),
  );
  if (world.settings.lists.is_api_filter_enabled) {
    for (const fieldId of Object.keys(branch(filter, "custom_fields_values"))) {
      push(
        tests,
        fieldTest(world, { kind, fieldId: Number(fieldId), filter: branch(filter, "custom_fields_values") }),
      );
    }
  }
  return tests;
}

function push<Row>(tests: Test<Row>[], test: Test<Row> | undefined): void {
  if (test !== undefined) tests.push(test);
}

function apply<Row>(rows: Row[], tests: Test<Row>[]): Row[] {
  return tests.length === 0 ? rows : rows.filter((row) => tests.every((test) => test(row)));
}

function choiceTest<Row, Value>(wanted: Value[], read: (row: Row) => Value): Test<Row> | undefined {
  if (wanted.length === 0) return undefined;
  const set = new Set(wanted);
  return (row) => set.has(read(row));
}

/** `[from|to]`, both inclusive. A bare value finds nothing, as one report has it (amocrm-api 3.6). */
function rangeTest<Row>(
  filter: QueryTree,
  key: string,
  read: (row: Row) => number | null,
): Test<Row> | undefined {
  if (scalar(filter, key) !== undefined) return () => false;
  const bounds = branch(filter, key);
  const from = integers(bounds, "from")[0];
  const to = integers(bounds, "to")[0];
  if (from === undefined && to === undefined) return undefined;
  return (row) => {
    const value = read(row);
    return value !== null && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
  };
}

/** Pairs of pipeline and stage; an incomplete pair is ignored, and so is a plain `filter[status_id]`. */
function statusTest(filter: QueryTree): Test<Deal> | undefined {
  const statuses = branch(filter, "statuses");
  const pairs = Object.keys(statuses).flatMap((key) => {
    const pair = branch(statuses, key);
    const pipelineId = integers(pair, "pipeline_id")[0];
    const statusId = integers(pair, "status_id")[0];
    return pipelineId === undefined || statusId === undefined ? [] : [`${pipelineId}/${statusId}`];
  });
  if (pairs.length === 0) return undefined;
  const set = new Set(pairs);
  return (deal) => set.has(`${deal.pipeline_id}/${deal.status_id}`);
}

function fieldTest(
  world: World,
  options: { kind: EntityKind; fieldId: number; filter: QueryTree },
): Test<Entity> | undefined {
  if (world.store.fieldById(options.kind, options.fieldId) === undefined) return undefined;
  const key = String(options.fieldId);
  const bounds = branch(options.filter, key);
  const from = integers(bounds, "from")[0];
  const to = integers(bounds, "to")[0];
  const values = (row: Entity) => row.fields.get(options.fieldId) ?? [];
  if (from !== undefined || to !== undefined) {
    return (row) =>
      values(row).some(
        ({ value }) => Number(value) >= (from ?? -Infinity) && Number(value) <= (to ?? Infinity),
      );
  }
  const wanted = new Set(scalars(options.filter, key));
  return (row) =>
    values(row).some(({ value, enum_id }) => wanted.has(String(value)) || wanted.has(String(enum_id)));
}

/** As `filterContacts`, for companies. */
export function filterCompanies(world: World, filter: QueryTree, rows: Company[]): Company[] {
  return apply(rows, entityTests(world, "companies", filter));
}
