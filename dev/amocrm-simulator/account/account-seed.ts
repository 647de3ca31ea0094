import type { Field, FieldEnum, Pipeline, Stage, User } from "./models.ts";
import { LOST_STATUS_ID, WON_STATUS_ID } from "./models.ts";

/** What an account is before anybody has written to it. */
export interface AccountSeed {
  account: { id: number; name: string; subdomain: string; base_domain: string };
  users: User[];
  pipelines: Pipeline[];
  fields: Field[];
  loss_reasons: { id: number; name: string }[];
}

/** Ids of the default account, fixed so that tests and configuration may name them. */
export const SEED_IDS = {
  account: 5_550_001,
  users: { admin: 7001, manager: 7002, robot: 7003, dismissed: 7009 },
  sales: { pipeline: 4400, unsorted: 61_000, fresh: 61_001, qualified: 61_002, proposal: 61_003 },
  tripwire: {
    pipeline: 4500,
    unsorted: 62_000,
    bought: 62_001,
    lesson67: 62_002,
    lesson68: 62_003,
    lesson69: 62_004,
  },
  contactFields: { position: 300, phone: 301, email: 302, telegram: 303 },
  dealFields: {
    utmContent: 401,
    utmMedium: 402,
    utmCampaign: 403,
    utmSource: 404,
    utmTerm: 405,
    utmReferrer: 406,
    source: 410,
    leadId: 411,
    comment: 412,
    budget: 413,
    consentAt: 414,
    tariff: 415,
    interests: 416,
    isPartner: 417,
    bookingId: 418,
  },
  lossReasons: { expensive: 901, silent: 902 },
} as const;

function stage(id: number, name: string, sort: number, color: string, type: 0 | 1 = 0): Stage {
  return {
    id,
    name,
    sort,
    color,
    type,
    is_editable: type === 0 && id !== WON_STATUS_ID && id !== LOST_STATUS_ID,
  };
}

/** A pipeline with its own stages, plus the system ones every pipeline has (amocrm-api 3.7). */
function buildPipeline(
  id: number,
  name: string,
  options: { unsortedId: number; stages: [id: number, name: string][]; isMain?: boolean; sort?: number },
): Pipeline {
  const own = options.stages.map(([stageId, stageName], index) =>
    stage(stageId, stageName, 20 + index * 10, "#99ccff"),
  );
  return {
    id,
    name,
    sort: options.sort ?? 1,
    is_main: options.isMain ?? false,
    is_unsorted_on: true,
    is_archive: false,
    stages: [
      stage(options.unsortedId, "Неразобранное", 10, "#c1c1c1", 1),
      ...own,
      stage(WON_STATUS_ID, "Успешно реализовано", 10_000, "#CCFF66"),
      stage(LOST_STATUS_ID, "Закрыто и не реализовано", 11_000, "#D5D8DB"),
    ],
  };
}

function user(id: number, name: string, options: Partial<User> = {}): User {
  return { id, name, email: `user${id}@sim.test`, lang: "ru", is_admin: false, is_active: true, ...options };
}

function field(
  entity: Field["entity"],
  id: number,
  options: { name: string; type: Field["type"]; code?: string; enums?: FieldEnum[]; isPredefined?: boolean },
): Field {
  return {
    id,
    name: options.name,
    type: options.type,
    code: options.code ?? null,
    sort: id,
    entity,
    is_predefined: options.isPredefined ?? false,
    is_api_only: options.type === "tracking_data",
    enums: options.enums ?? null,
  };
}

function codes(firstId: number, names: string[]): FieldEnum[] {
  return names.map((name, index) => ({
    id: firstId + index,
    value: name,
    sort: (index + 1) * 10,
    code: name,
  }));
}

function choices(firstId: number, names: string[]): FieldEnum[] {
  return names.map((name, index) => ({ id: firstId + index, value: name, sort: (index + 1) * 10 }));
}

function contactFields(): Field[] {
  const { position, phone, email, telegram } = SEED_IDS.contactFields;
  const phoneCodes = codes(31, ["WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER"]);
  return [
    field("contacts", position, { name: "Должность", type: "text", code: "POSITION", isPredefined: true }),
    field("contacts", phone, {
      name: "Телефон",
      type: "multitext",
      code: "PHONE",
      enums: phoneCodes,
      isPredefined: true,
    }),
    field("contacts", email, {
      name: "Email",
      type: "multitext",
      code: "EMAIL",
      enums: codes(41, ["WORK", "PRIV", "OTHER"]),
      isPredefined: true,
    }),
    field("contacts", telegram, { name: "Telegram", type: "text" }),
  ];
}

function dealFields(): Field[] {
  const ids = SEED_IDS.dealFields;
  const tracking = (id: number, code: string) =>
    field("leads", id, { name: code.toLowerCase(), type: "tracking_data", code, isPredefined: true });
  return [
    tracking(ids.utmContent, "UTM_CONTENT"),
    tracking(ids.utmMedium, "UTM_MEDIUM"),
    tracking(ids.utmCampaign, "UTM_CAMPAIGN"),
    tracking(ids.utmSource, "UTM_SOURCE"),
    tracking(ids.utmTerm, "UTM_TERM"),
    tracking(ids.utmReferrer, "UTM_REFERRER"),
    field("leads", ids.source, { name: "Источник", type: "text" }),
    field("leads", ids.leadId, { name: "ID заявки", type: "text" }),
    field("leads", ids.comment, { name: "Комментарий", type: "textarea" }),
    field("leads", ids.budget, { name: "Бюджет клиента", type: "numeric" }),
    field("leads", ids.consentAt, { name: "Согласие получено", type: "date_time" }),
    field("leads", ids.tariff, {
      name: "Тариф",
      type: "select",
      enums: choices(501, ["Базовый", "Стандарт", "Премиум"]),
    }),
    field("leads", ids.interests, {
      name: "Интересы",
      type: "multiselect",
      enums: choices(511, ["Дизайн", "Код", "Маркетинг"]),
    }),
    field("leads", ids.isPartner, { name: "Партнёр", type: "checkbox" }),
    field("leads", ids.bookingId, { name: "ID брони", type: "text" }),
  ];
}

/** The default account: fresh objects on each call, so that one simulator cannot change another's. */
export function defaultAccount(): AccountSeed {
  const { admin, manager, robot, dismissed } = SEED_IDS.users;
  const { sales, tripwire, lossReasons } = SEED_IDS;
  return {
    account: { id: SEED_IDS.account, name: "Симулятор", subdomain: "sim", base_domain: "amocrm.ru" },
    users: [
      user(admin, "Анна Админ", { is_admin: true }),
      user(manager, "Мария Менеджер"),
      user(robot, "Интеграция", { is_admin: true }),
      user(dismissed, "Уволенный Сотрудник", { is_active: false }),
    ],
    pipelines: [
      buildPipeline(sales.pipeline, "Продажи", {
        unsortedId: sales.unsorted,
        isMain: true,
        stages: [
          [sales.fresh, "Новая заявка"],
          [sales.qualified, "Квалификация"],
          [sales.proposal, "Предложение"],
        ],
      }),
      buildPipeline(tripwire.pipeline, "Tripwire", {
        unsortedId: tripwire.unsorted,
        sort: 2,
        stages: [
          [tripwire.bought, "Купил"],
          [tripwire.lesson67, "Урок 67"],
          [tripwire.lesson68, "Урок 68"],
          [tripwire.lesson69, "Урок 69"],
        ],
      }),
    ],
    fields: [...contactFields(), ...dealFields(), field("companies", 601, { name: "ИНН", type: "text" })],
    loss_reasons: [
      { id: lossReasons.expensive, name: "Дорого" },
      { id: lossReasons.silent, name: "Не отвечает" },
    ],
  };
}
