import type { AccountSeed } from "../account/account-seed.ts";
import type { Deal, Entity, EntityKind } from "../account/models.ts";
import type { Settings } from "../settings.ts";

export type ChangeAction = "add" | "update" | "delete" | "restore" | "status" | "responsible";

/** What happened to one entity, with the members that its hook shows, as they were at that moment. */
export interface Change {
  action: ChangeAction;
  kind: EntityKind;
  id: number;
  members: Record<string, string | number>;
}

const EVENT_WORD: Record<EntityKind, string> = { leads: "lead", contacts: "contact", companies: "company" };

/** The name under which a change is subscribed to. */
export function eventOf({ action, kind }: Change): string {
  return `${action}_${EVENT_WORD[kind]}`;
}

export function changeOf(action: ChangeAction, entity: Entity, extra: Record<string, number>): Change {
  const kind = "price" in entity ? "leads" : "contact_ids" in entity ? "companies" : "contacts";
  const { id } = entity;
  if (kind === "leads") {
    const { pipeline_id, status_id, price } = entity as Deal;
    const place = { status_id, pipeline_id };
    const members = action === "delete" ? { id, ...place } : { ...common(entity), price, ...place, ...extra };
    return { action, kind, id, members };
  }
  const type = EVENT_WORD[kind];
  return {
    action,
    kind,
    id,
    members: { ...(action === "delete" ? { id } : common(entity)), type, ...extra },
  };
}

function common(entity: Entity): Record<string, string | number> {
  const { id, name, responsible_user_id, created_at, updated_at, created_by, updated_by } = entity;
  return {
    id,
    name,
    responsible_user_id,
    last_modified: updated_at,
    modified_user_id: updated_by,
    created_user_id: created_by,
    date_create: created_at,
    created_at,
    updated_at,
  };
}

/** One body in the form style of PHP (amocrm-api 5.2): every scalar a string, the account behind the entities. */
export function bodyOf(
  changes: readonly Change[],
  account: AccountSeed["account"],
  hooks: Settings["hooks"],
  random: () => number,
): string {
  const counts = new Map<string, number>();
  const pairs = changes.flatMap((change): [string, string][] => {
    // Companies come as contacts, and a contact's new responsible user as an update.
    const root = change.kind === "companies" ? "contacts" : change.kind;
    const action = root === "contacts" && change.action === "responsible" ? "update" : change.action;
    const index = counts.get(`${root} ${action}`) ?? 0;
    counts.set(`${root} ${action}`, index + 1);
    const entry = `${root}[${action}][${index}]`;
    const members = Object.entries({ ...change.members, account_id: account.id }).filter(
      ([name]) => hooks.updated_at === "given" || (name !== "updated_at" && name !== "last_modified"),
    );
    return [
      ...members.map(([name, value]): [string, string] => [`${entry}[${name}]`, String(value)]),
      ...(hooks.odd_values ? oddFields(entry) : []),
    ];
  });
  pairs.push(
    ["account[subdomain]", account.subdomain],
    ["account[id]", String(account.id)],
    ["account[_links][self]", `https://${account.base_domain}`],
  );
  return pairs.map(([key, value]) => `${written(key, hooks, random)}=${encodeURIComponent(value)}`).join("&");
}

/** Values as a list, an object and a bare text, with a sign in them that ends other readers. */
function oddFields(entry: string): [string, string][] {
  const field = `${entry}[custom_fields]`;
  return [
    [`${field}[0][id]`, "401"],
    [`${field}[0][values][0][value]`, "a=b&c=d"],
    [`${field}[1][id]`, "414"],
    [`${field}[1][values][0]`, "2026-11-30"],
    [`${field}[2][id]`, "415"],
    [`${field}[2][values][value]`, "Да"],
  ];
}

function written(key: string, { brackets }: Settings["hooks"], random: () => number): string {
  const isEncoded = brackets === "encoded" || (brackets === "mixed" && random() < 0.5);
  return isEncoded ? encodeURIComponent(key) : key;
}
