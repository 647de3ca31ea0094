import type { CustomField, Pipeline } from "../../amocrm/api.ts";
import { type Catalog, createCatalog } from "../account/catalog.ts";
import type { DoctorPorts } from "../doctor/port.ts";
import { typeOf } from "../pipelines/pipelines.ts";
import type { AdminPorts } from "../port.ts";
import type { ChoicesAnswer } from "./answer.ts";

/** What SMS, sequences, short links and orders need of the functions' variables. */
const OPTIONAL = [
  "MOBIZON_API_KEY",
  "MOBIZON_WEBHOOK_SECRET",
  "UNSUBSCRIBE_PAGE_URL",
  "LINK_BASE_URL",
  "LINK_FALLBACK_URL",
  "QTICKETS_TOKEN",
  "QTICKETS_WEBHOOK_SECRET",
];

/** Everything that a person has to choose from in a setup. What is read of pipelines is remembered, as setup does. */
export async function listChoices({
  store,
  account,
  environment,
}: AdminPorts & Pick<DoctorPorts, "environment">): Promise<ChoicesAnswer> {
  const catalog = createCatalog(account);
  const [{ routes, stages, fields }, lessons, roads, asked] = await Promise.all([
    store.configured(),
    store.lessons(),
    store.alertRoads(),
    catalog.pipelines(),
  ]);
  const events = [
    { event: "student.created", title: "A student was created" },
    ...lessons.map(({ id, title }) => ({ event: `lesson.${id}`, title: `Lesson completed: ${title}` })),
    { event: "certificate.issued", title: "A certificate was issued" },
  ];
  const configured = { routes: [...routes], stages: [...stages], fields: [...fields] };
  const unset = OPTIONAL.filter((name) => (environment[name]?.trim() ?? "") === "");
  const known = { events, configured, alert_roads: roads, unset_variables: unset };
  if (!asked.ok) return { reason: asked.reason, account: null, ...known };
  await store.savePipelines(asked.value);
  const dealFields = await catalog.fields("leads");
  const contactFields = await catalog.fields("contacts");
  return {
    reason: null,
    account: {
      pipelines: asked.value
        .filter(({ isArchive }) => !isArchive)
        .toSorted(bySort)
        .map((pipeline) => ({
          id: pipeline.id,
          name: pipeline.name,
          is_main: pipeline.isMain,
          stages: pipeline.stages
            .toSorted(bySort)
            .map((stage) => ({ id: stage.id, name: stage.name, type: typeOf(stage) })),
        })),
      users: await activeUsers(catalog),
      fields: [
        ...(dealFields.ok ? dealFields.value.map((field) => choiceOf("deal", field)) : []),
        ...(contactFields.ok ? contactFields.value.map((field) => choiceOf("contact", field)) : []),
      ],
    },
    ...known,
  };
}

async function activeUsers(catalog: Catalog): Promise<{ id: number; name: string }[] | null> {
  const asked = await catalog.users();
  if (!asked.ok) return null;
  return asked.value.filter(({ isActive }) => isActive).map(({ id, name }) => ({ id, name }));
}

function choiceOf(entity: "contact" | "deal", { id, name, code }: CustomField) {
  return { entity, id, name, code };
}

function bySort(a: Pick<Pipeline, "sort" | "id">, b: Pick<Pipeline, "sort" | "id">): number {
  return a.sort - b.sort || a.id - b.id;
}
