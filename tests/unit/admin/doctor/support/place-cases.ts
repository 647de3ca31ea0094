import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import type { Case } from "./case.ts";
import type { Patient } from "./patient.ts";

const { sales, tripwire, users, dealFields } = SEED_IDS;

const route =
  (change: object) =>
  ({ facts }: Patient) => {
    facts.configuration.routes = facts.configuration.routes.map((one) => ({ ...one, ...change }));
  };
const stage =
  (change: object) =>
  ({ facts }: Patient) => {
    facts.configuration.stages = facts.configuration.stages.map((one) => ({ ...one, ...change }));
  };
const field =
  (path: string, change: object) =>
  ({ facts }: Patient) => {
    facts.configuration.fields = facts.configuration.fields.map((one) =>
      one.path === path ? { ...one, ...change } : one,
    );
  };
const ROUTE = { row: "amocrm_routes «*»", table: "amocrm_routes", where: "source = '*'" };
const FIT = "61001 «Новая заявка», 61002 «Квалификация», 61003 «Предложение», 142 «Успешно реализовано»";
const USER = { row: ROUTE.row, where: ROUTE.where };

export const PLACE_CASES: Case[] = [
  {
    when: "there is no route",
    break({ facts }) {
      facts.configuration.routes = [];
    },
    says: [["routes_none"]],
  },
  {
    when: "there is no route for the rest, and an apostrophe in the source",
    break: route({ source: "it's", pipeline_id: 99, status_id: null }),
    says: [
      ["route_for_rest_missing"],
      [
        "place_no_pipeline",
        {
          row: "amocrm_routes «it's»",
          table: "amocrm_routes",
          where: "source = 'it''s'",
          id: 99,
          near: "4400 «Продажи», 4500 «Tripwire»",
        },
      ],
    ],
  },
  {
    when: "a pipeline was deleted of which we still know the name",
    break: route({ pipeline_id: 4999 }),
    says: [["place_no_pipeline", { ...ROUTE, id: 4999, near: "4400 «Продажи»" }]],
  },
  {
    when: "a pipeline was archived",
    break({ crm }) {
      const ask = crm.account.ask;
      // The list leaves archived ones out by default; an account that shows them says so in each.
      crm.account = {
        ...crm.account,
        async ask<T>(request: Parameters<typeof ask<T>>[0]) {
          const asked = await ask(request);
          if (asked.ok && Array.isArray(asked.value)) {
            for (const one of asked.value as { id: number; isArchive?: boolean }[])
              one.isArchive = one.id === sales.pipeline;
          }
          return asked;
        },
      };
    },
    says: [["place_archived", { ...ROUTE, pipeline: "4400 «Продажи»", near: "4500 «Tripwire»" }]],
  },
  {
    when: "a route leaves the pipeline to an account that has no main one",
    break(patient) {
      route({ pipeline_id: null, status_id: null })(patient);
      patient.crm.simulator.control.edit({ action: "archive_pipeline", pipeline_id: sales.pipeline });
    },
    says: [["place_no_main", { ...USER, near: "4500 «Tripwire»" }]],
  },
  {
    when: "a stage was deleted of which we still know the name",
    break: route({ status_id: 61_999 }),
    says: [
      ["place_no_stage", { ...ROUTE, id: 61_999, pipeline: "4400 «Продажи»", near: "61003 «Предложение»" }],
    ],
  },
  {
    when: "a stage is that of another pipeline",
    break: route({ status_id: tripwire.bought }),
    says: [
      [
        "place_stage_elsewhere",
        {
          ...ROUTE,
          stage: "62001 «Купил»",
          pipeline: "4400 «Продажи»",
          other: "4500 «Tripwire»",
          otherId: 4500,
        },
      ],
    ],
  },
  {
    when: "an event of the school names a stage that is not there, which its number recognises",
    break: stage({ status_id: 1 }),
    says: [
      [
        "place_no_stage",
        {
          row: "amocrm_stages «lesson.67»",
          table: "amocrm_stages",
          where: "event = 'lesson.67'",
          id: 1,
          pipeline: "4500 «Tripwire»",
          near: "62002 «Урок 67»",
        },
      ],
    ],
  },
  {
    when: "new deals would go to the stage of incoming leads, which amoCRM refuses",
    break: route({ status_id: sales.unsorted }),
    says: [["place_unsorted", { ...ROUTE, stage: "61000 «Неразобранное»", near: FIT }]],
  },
  {
    when: "an event of the school moves deals to the stage of incoming leads",
    break: stage({ status_id: tripwire.unsorted }),
    says: [
      [
        "place_unsorted",
        {
          row: "amocrm_stages «lesson.67»",
          table: "amocrm_stages",
          where: "event = 'lesson.67'",
          stage: "62000 «Неразобранное»",
          near: "62002 «Урок 67»",
        },
      ],
    ],
  },
  {
    when: "new deals would be born lost",
    break: route({ status_id: 143 }),
    says: [["place_lost", { ...ROUTE, stage: "143 «Закрыто и не реализовано»", near: FIT }]],
  },
  {
    when: "new deals would be born won",
    break: route({ status_id: 142 }),
    says: [["place_closed", { row: ROUTE.row, stage: "142 «Успешно реализовано»" }]],
  },
  {
    when: "the responsible user does not exist",
    break: route({ responsible_user_id: 1 }),
    says: [
      [
        "user_missing",
        { ...USER, id: 1, near: "7001 «Анна Админ», 7002 «Мария Менеджер», 7003 «Интеграция»" },
      ],
    ],
  },
  {
    when: "the responsible user was switched off",
    break: route({ responsible_user_id: users.dismissed }),
    says: [
      [
        "user_off",
        {
          ...USER,
          user: "7009 «Уволенный Сотрудник»",
          near: "7001 «Анна Админ», 7002 «Мария Менеджер», 7003 «Интеграция»",
        },
      ],
    ],
  },
  {
    when: "the list of users is not for the token's user",
    break: ({ crm }) => {
      crm.simulator.control.addFaults({ kind: "forbidden", path: "/api/v4/users" });
    },
    says: [["users_unasked"]],
  },
];

export const FIELD_CASES: Case[] = [
  {
    when: "a field was deleted, and its path tells which is meant",
    break: field("utm_source", { field_code: null, field_id: 1 }),
    says: [
      [
        "field_missing",
        {
          row: "deal.utm_source",
          field: 1,
          near: "404 «utm_source» (UTM_SOURCE)",
        },
      ],
    ],
  },
  {
    when: "a path is misspelt",
    break: field("utm_source", { path: "utm_sourse" }),
    says: [
      [
        "field_path_unknown",
        {
          row: "deal.utm_sourse",
          near: "utm_source",
        },
      ],
    ],
  },
  {
    when: "deals carry no marker",
    break({ facts }) {
      facts.configuration.fields = [];
    },
    says: [["marker_unset"]],
  },
  {
    when: "the token may not make the marker",
    break({ facts }) {
      facts.configuration.fields = [];
      facts.marker_error = "no rights (403)";
    },
    says: [["marker_refused", { reason: "no rights (403)" }]],
  },
  {
    when: "a value is to go into a field that no text fills",
    break({ crm }) {
      const ask = crm.account.ask;
      crm.account = {
        ...crm.account,
        async ask<T>(request: Parameters<typeof ask<T>>[0]) {
          const asked = await ask(request);
          const { rows = [] } = (asked.ok ? asked.value : {}) as { rows?: { id: number; type?: string }[] };
          for (const one of rows) if (one.id === 303) one.type = "file";
          return asked;
        },
      };
    },
    says: [["field_unfillable", { row: "contact.metadata.telegram", field: "303 «Telegram»", type: "file" }]],
  },
  {
    when: "the marker is a number",
    break: field("id", { field_id: dealFields.budget }),
    says: [["marker_type", { field: "413 «Бюджет клиента»", type: "numeric" }]],
  },
];
