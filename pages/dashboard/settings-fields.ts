import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button, card, choice, field, table } from "./pieces.ts";
import type { Settings } from "./shapes-of-settings.ts";

type Entity = "contact" | "deal";
const ENTITIES: readonly Entity[] = ["deal", "contact"];

/** By the mark a lead's deal is found again: it may be moved to another field, and never be taken away. */
const MARK = "id";

/** Which field of the account takes which value of a lead, with the account's own names. */
export function fieldsCard(desk: Desk, told: Settings): HTMLElement {
  const { texts } = desk;
  const word = (entity: string): string => (entity === "deal" ? texts.dealWord : texts.contactWord);
  const columns = [
    { name: texts.path, isWhole: true },
    { name: texts.kind },
    { name: texts.crmField, isWhole: true },
    { name: "", isWhole: true },
  ];
  const rows = told.fields.map((one) => {
    const select = fieldChoice(desk, told, one.entity as Entity, one.field_id, one.field_code);
    select.ariaLabel = `${texts.crmField}: ${one.path}`;
    return [
      make("code", "", one.path),
      word(one.entity),
      select,
      desk.mayChange
        ? make(
            "div",
            "row",
            button(texts.save, "", () => void save(desk, one.entity, one.path, select.value)),
            ...(one.path === MARK
              ? []
              : [button(texts.remove, "danger", () => void remove(desk, one.entity, one.path))]),
          )
        : "",
    ];
  });
  const isKnown = ENTITIES.some((entity) => (told.custom_fields[entity] ?? []).length > 0);
  return card(
    texts.mapped,
    [],
    make("p", "soft small", texts.mappedLead),
    rows.length === 0 ? make("p", "soft", texts.noneYet) : table(texts.mapped, columns, rows),
    ...(isKnown ? addField(desk, told) : [make("p", "notice", texts.noFields)]),
  );
}

function fieldChoice(
  desk: Desk,
  told: Settings,
  entity: Entity,
  id: number | null,
  code: string | null,
): HTMLSelectElement {
  const known = told.custom_fields[entity] ?? [];
  const now = id === null ? "" : String(id);
  const words = code ?? desk.texts.unknownPlace.replace("{id}", now);
  const select = choice(
    [
      ...(known.some((one) => String(one.id) === now) ? [] : [[now, words] as const]),
      ...known.map((one) => [String(one.id), one.name] as const),
    ],
    now,
  );
  select.disabled = !desk.mayChange;
  return select;
}

async function save(desk: Desk, entity: string, path: string, id: string): Promise<void> {
  if (id !== "")
    await desk.act("amocrm_set_field", { p_entity: entity, p_path: path, p_field_id: Number(id) });
}

async function remove(desk: Desk, entity: string, path: string): Promise<void> {
  const { texts } = desk;
  const body = [make("p", "", texts.sureRemove), make("code", "", path)];
  if (await desk.ask({ title: texts.remove, body, yes: texts.remove }))
    await desk.act("amocrm_set_field", { p_entity: entity, p_path: path, p_field_id: null });
}

function addField(desk: Desk, told: Settings): HTMLElement[] {
  const { texts } = desk;
  if (!desk.mayChange) return [];
  const path = document.createElement("input");
  path.placeholder = texts.pathHint;
  path.autocapitalize = "off";
  const options = ENTITIES.flatMap((entity) =>
    (told.custom_fields[entity] ?? []).map(
      (one) =>
        [
          `${entity} ${one.id}`,
          `${entity === "deal" ? texts.dealWord : texts.contactWord}: ${one.name}`,
        ] as const,
    ),
  );
  const target = choice(options, options[0]?.[0] ?? "");
  const add = button(texts.addField, "main", () => {
    const [entity = "", id = ""] = target.value.split(" ");
    void save(desk, entity, path.value.trim(), id);
  });
  return [
    make("h3", "", texts.addField),
    make("div", "filters", field(texts.path, path), field(texts.crmField, target), add),
  ];
}
