import { z } from "zod";
import type { SimulatorServer } from "#dev/amocrm-simulator/server.ts";

const Fields = z
  .array(
    z.object({
      field_id: z.int(),
      field_code: z.string().nullable(),
      values: z.array(z.object({ value: z.unknown() })),
    }),
  )
  .nullable();
const Contact = z.object({
  id: z.int(),
  name: z.string(),
  is_deleted: z.boolean(),
  custom_fields_values: Fields,
  _embedded: z.object({ leads: z.array(z.object({ id: z.int() })) }),
});
const Deal = z.object({
  id: z.int(),
  name: z.string(),
  pipeline_id: z.int(),
  status_id: z.int(),
  responsible_user_id: z.int(),
  is_deleted: z.boolean(),
  custom_fields_values: Fields,
  _embedded: z.object({
    contacts: z.array(z.object({ id: z.int() })),
    tags: z.array(z.object({ name: z.string() })),
  }),
});
const Note = z.object({ entity_id: z.int(), params: z.object({ text: z.string() }) });

/** What is in the simulated account now, as the API shows it. */
export function crmOf(server: SimulatorServer) {
  const { state } = server.simulator;
  return {
    contacts: () =>
      z
        .array(Contact)
        .parse(state.contacts())
        .filter((contact) => !contact.is_deleted),
    deals: () =>
      z
        .array(Deal)
        .parse(state.deals())
        .filter((deal) => !deal.is_deleted),
    notes: () => z.array(Note).parse(state.notes()),
    tasks: () => z.array(z.unknown()).parse(state.part("tasks")),
  };
}

/** The values of a custom field of a contact or deal, by field code or id. */
export function valuesOf(
  entity: { custom_fields_values: z.infer<typeof Fields> },
  field: string | number,
): unknown[] {
  return (entity.custom_fields_values ?? [])
    .filter((row) => row.field_id === field || row.field_code === field)
    .flatMap((row) => row.values.map(({ value }) => value));
}

/** A contact or deal that stands in amoCRM before we come. */
async function post(server: SimulatorServer, path: string, body: unknown): Promise<unknown> {
  const response = await server.simulator.fetch(`${server.url}${path}`, {
    method: path.includes("/link") || Array.isArray(body) ? "POST" : "PATCH",
    headers: { Authorization: `Bearer ${server.accessToken}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Places that amoCRM gives no new deal: lost, and the two pipelines' stages of incoming leads. */
const NOT_AT_BIRTH = new Set([143, 61_000, 62_000]);

/** Makes a contact with an e-mail or phone, and deals of it in given stages; tells their ids. */
export async function populate(
  server: SimulatorServer,
  contact: { name: string; email?: string; phone?: string },
  deals: readonly { pipelineId: number; statusId: number }[] = [],
): Promise<{ contactId: number; dealIds: number[] }> {
  const fields = [
    ...(contact.email
      ? [{ field_code: "EMAIL", values: [{ value: contact.email, enum_code: "WORK" }] }]
      : []),
    ...(contact.phone
      ? [{ field_code: "PHONE", values: [{ value: contact.phone, enum_code: "WORK" }] }]
      : []),
  ];
  const Created = (name: string) =>
    z.object({ _embedded: z.object({ [name]: z.array(z.object({ id: z.int() })) }) });
  const idsOf = (name: string, answer: unknown) =>
    (Created(name).parse(answer)._embedded[name] ?? []).map((row) => row.id);
  const [contactId = 0] = idsOf(
    "contacts",
    await post(server, "/api/v4/contacts", [{ name: contact.name, custom_fields_values: fields }]),
  );
  if (deals.length === 0) return { contactId, dealIds: [] };
  const dealIds = idsOf(
    "leads",
    await post(
      server,
      "/api/v4/leads",
      deals.map((deal, index) => ({
        name: `deal ${index}`,
        pipeline_id: deal.pipelineId,
        // A manager takes it there afterwards.
        ...(NOT_AT_BIRTH.has(deal.statusId) ? {} : { status_id: deal.statusId }),
        _embedded: { contacts: [{ id: contactId }] },
      })),
    ),
  );
  for (const [index, id] of dealIds.entries()) {
    const statusId = deals[index]?.statusId ?? 0;
    if (statusId === 143) server.simulator.control.edit({ action: "lose_deal", deal_id: id });
    else if (NOT_AT_BIRTH.has(statusId))
      server.simulator.control.edit({ action: "move_deal", deal_id: id, status_id: statusId });
  }
  return { contactId, dealIds };
}
