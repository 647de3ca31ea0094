import { expect, it } from "vitest";
import * as bodies from "#shared/amocrm/api/bodies.ts";
import type { FieldDraft } from "#shared/amocrm/api/drafts.ts";

const UTM: FieldDraft = { target: { fieldId: 404 }, path: "utm_source", values: [{ value: "google" }] };
const EMAIL: FieldDraft = {
  target: { fieldCode: "EMAIL" },
  values: [
    { value: "a@b.test", enumCode: "WORK" },
    { value: "c@d.test", enumId: 41 },
  ],
};

/** What is sent: JSON without the keys that are undefined. */
function sent(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body));
}

it("dealWithContactBody embeds the full contact and tags of both", () => {
  const body = bodies.dealWithContactBody({
    requestId: "m-1",
    deal: {
      name: "Deal",
      pipelineId: 1,
      statusId: 2,
      responsibleUserId: 3,
      price: 0,
      tags: ["site"],
      fields: [UTM],
    },
    contact: { name: "Anna", responsibleUserId: 3, tags: ["new"], fields: [EMAIL] },
  });
  expect(sent(body)).toEqual({
    name: "Deal",
    price: 0,
    pipeline_id: 1,
    status_id: 2,
    responsible_user_id: 3,
    custom_fields_values: [{ field_id: 404, values: [{ value: "google" }] }],
    request_id: "m-1",
    _embedded: {
      tags: [{ name: "site" }],
      contacts: [
        {
          name: "Anna",
          responsible_user_id: 3,
          custom_fields_values: [
            {
              field_code: "EMAIL",
              values: [
                { value: "a@b.test", enum_code: "WORK" },
                { value: "c@d.test", enum_id: 41 },
              ],
            },
          ],
          _embedded: { tags: [{ name: "new" }] },
        },
      ],
    },
  });
});

it("a body leaves out what the draft does not say, and empty lists, which amoCRM may refuse", () => {
  const empty = { tags: [], fields: [], responsibleUserId: null };
  expect(sent(bodies.contactBody({ requestId: "m-1", contact: empty }))).toEqual({ request_id: "m-1" });
  expect(sent(bodies.dealChangeBody({ requestId: "m-1", id: 5, deal: empty }))).toEqual({
    id: 5,
    request_id: "m-1",
  });
  expect(sent(bodies.dealWithContactBody({ requestId: "m-1", deal: empty, contact: empty }))).toEqual({
    request_id: "m-1",
    _embedded: { contacts: [{}] },
  });
});

it("dealBody links contacts that exist, the first as the main one", () => {
  expect(sent(bodies.dealBody({ requestId: "m-1", deal: { name: "Deal" }, contactIds: [7, 8] }))).toEqual({
    name: "Deal",
    request_id: "m-1",
    _embedded: {
      contacts: [
        { id: 7, is_main: true },
        { id: 8, is_main: false },
      ],
    },
  });
});

it("a change adds tags and never replaces those of others", () => {
  const tags = ["site"];
  for (const body of [
    bodies.dealChangeBody({ requestId: "m-1", id: 5, deal: { tags } }),
    bodies.contactChangeBody({ requestId: "m-1", id: 5, contact: { tags } }),
  ]) {
    expect(sent(body)).toEqual({ id: 5, tags_to_add: [{ name: "site" }], request_id: "m-1" });
  }
});

it("noteBody, taskBody and customFieldBody speak amoCRM's names", () => {
  expect(sent(bodies.noteBody({ requestId: "m-1", entityId: 5, text: "x" }))).toEqual({
    entity_id: 5,
    note_type: "common",
    params: { text: "x" },
    request_id: "m-1",
  });
  expect(
    sent(bodies.taskBody({ requestId: "m-1", entityType: "leads", entityId: 5, text: "x", completeTill: 9 })),
  ).toEqual({
    entity_type: "leads",
    entity_id: 5,
    task_type_id: 1,
    text: "x",
    complete_till: 9,
    request_id: "m-1",
  });
  expect(
    sent(bodies.customFieldBody({ requestId: "m-1", name: "ID", type: "text", isApiOnly: true })),
  ).toEqual({
    name: "ID",
    type: "text",
    is_api_only: true,
    request_id: "m-1",
  });
});
