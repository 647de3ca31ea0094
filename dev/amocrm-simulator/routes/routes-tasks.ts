import type { EntityKind, Task } from "../account/models.ts";
import { storedText } from "../account/store-text.ts";
import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { listAnswer } from "./list-page.ts";
import { pathItem } from "./patch-target.ts";
import { presentTask } from "./present.ts";
import { emptyAnswer, halAnswer } from "./problem.ts";
import { branch, integers, scalars } from "./query-tree.ts";

const ENTITY_KINDS: EntityKind[] = ["contacts", "leads", "companies"];

export const taskRoutes: Route[] = [
  { method: "GET", pattern: "/api/v4/tasks", handle: listTasks },
  { method: "POST", pattern: "/api/v4/tasks", handle: addTasks },
  { method: "GET", pattern: "/api/v4/tasks/:id", handle: getTask },
  { method: "PATCH", pattern: "/api/v4/tasks/:id", handle: patchTask },
];

function listTasks(world: World, call: Call): Answer {
  const filter = branch(call.query, "filter");
  const wanted = {
    ids: integers(filter, "id"),
    entityIds: integers(filter, "entity_id"),
    users: integers(filter, "responsible_user_id"),
    types: scalars(filter, "entity_type"),
    completed: scalars(filter, "is_completed")[0],
  };
  const rows = [...world.store.tasks.values()].filter(
    (task) =>
      (wanted.ids.length === 0 || wanted.ids.includes(task.id)) &&
      (wanted.entityIds.length === 0 || wanted.entityIds.includes(task.entity_id ?? 0)) &&
      (wanted.users.length === 0 || wanted.users.includes(task.responsible_user_id)) &&
      (wanted.types.length === 0 || wanted.types.includes(task.entity_type ?? "")) &&
      (wanted.completed === undefined || (wanted.completed === "1") === task.is_completed),
  );
  const view = { origin: call.url.origin, with: new Set<string>() };
  return listAnswer(world, call, {
    name: "tasks",
    rows,
    orderKeys: ["created_at", "complete_till", "id"],
    present: (task) => presentTask(world.store, task, view),
  });
}

function getTask(world: World, call: Call): Answer {
  const task = world.store.tasks.get(idParam(call, "id"));
  if (task === undefined) return emptyAnswer();
  return halAnswer(presentTask(world.store, task, { origin: call.url.origin, with: new Set() }));
}

type TaskInput = Omit<Task, "id" | "created_at" | "updated_at">;

/** `text` and `complete_till` are taken as required (amocrm-api 3.9, from memory). */
function addTasks(world: World, call: Call): Answer {
  const href = `${call.url.origin}/api/v4/tasks`;
  return runBatch(world, call, {
    max: world.settings.writes.batch_max,
    read: (item) => readTask(world, item, call.userId),
    write: (input, requestId) => ({ id: createTask(world, input).id, request_id: requestId }),
    answer: (written) =>
      halAnswer({
        _links: { self: { href } },
        _embedded: {
          tasks: written.map((item) => ({ ...item, _links: { self: { href: `${href}/${item.id}` } } })),
        },
      }),
  });
}

function readTask(world: World, item: ItemReader, userId: number): TaskInput {
  for (const key of ["text", "complete_till"]) if (!item.has(key)) item.fail("FieldMissing", key);
  const entityType = item.text("entity_type");
  const kind = ENTITY_KINDS.find((candidate) => candidate === entityType);
  if (entityType !== undefined && kind === undefined) item.fail("NotSupportedChoice", "entity_type");
  const entityId = item.choice(
    "entity_id",
    (id) => kind === undefined || world.store.living(kind, id) !== undefined,
  );
  if (item.has("entity_id") && entityType === undefined) item.fail("FieldMissing", "entity_type");
  const isUser = (id: number) => world.store.isActiveUser(id);
  return {
    text: storedText(world, item.text("text") ?? ""),
    complete_till: item.integer("complete_till") ?? 0,
    entity_id: entityId ?? null,
    entity_type: kind ?? null,
    task_type_id: item.choice("task_type_id", (id) => id === 1 || id === 2) ?? 1,
    responsible_user_id: item.choice("responsible_user_id", isUser) ?? userId,
    duration: item.integer("duration") ?? 0,
    is_completed: item.boolean("is_completed") ?? false,
    result_text: item.object("result")?.text("text") ?? null,
    created_by: item.choice("created_by", (id) => id === 0 || isUser(id)) ?? userId,
  };
}

function createTask(world: World, input: TaskInput): Task {
  const { store } = world;
  const now = store.nowSeconds();
  const task: Task = { ...input, id: store.nextId("tasks"), created_at: now, updated_at: now };
  store.tasks.set(task.id, task);
  store.record({ type: "task_added", entity_id: task.id, entity_type: "task", created_by: task.created_by });
  placeClosestTask(world, task);
  return task;
}

function placeClosestTask(world: World, task: Task): void {
  const kind = ENTITY_KINDS.find((candidate) => candidate === task.entity_type);
  const entity = kind && task.entity_id !== null ? world.store.living(kind, task.entity_id) : undefined;
  if (entity === undefined) return;
  entity.closest_task_at = Math.min(entity.closest_task_at ?? Number.POSITIVE_INFINITY, task.complete_till);
}

function patchTask(world: World, call: Call): Answer {
  return runBatch(world, pathItem(call), {
    max: 1,
    read: (item) => ({
      task: world.store.tasks.get(item.choice("id", (id) => world.store.tasks.has(id)) ?? 0),
      text: item.text("text"),
      isCompleted: item.boolean("is_completed"),
      result: item.object("result")?.text("text"),
      completeTill: item.integer("complete_till"),
    }),
    write: ({ task, text, isCompleted, result, completeTill }) => {
      if (task === undefined) throw new Error("A change without a task got past validation.");
      task.text = text ?? task.text;
      task.is_completed = isCompleted ?? task.is_completed;
      task.result_text = result ?? task.result_text;
      task.complete_till = completeTill ?? task.complete_till;
      task.updated_at = world.store.nowSeconds();
      return { id: task.id, updated_at: task.updated_at };
    },
    answer: ([written]) => halAnswer(written),
  });
}
