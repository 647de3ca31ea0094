import type { z } from "zod";
import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { pagedList } from "./paged-list.ts";
import { button, card, table, wayTo } from "./pieces.ts";
import { Duplicate, Held, Quarantined, Unmapped } from "./shapes.ts";
import { quarantineWord } from "./words.ts";

/** What only a person can decide: duplicates, quarantine, forms that fit no lead, messages that were too many. */
export async function showDecisions(desk: Desk): Promise<Node[]> {
  const { texts } = desk;
  const [duplicates, quarantine, unmapped, held] = await Promise.all([
    pagedList(desk, "amocrm_duplicates", Duplicate, (rows) => duplicateTable(desk, rows)),
    pagedList(desk, "amocrm_quarantine", Quarantined, (rows, isAll) => quarantineTable(desk, rows, isAll)),
    pagedList(desk, "amocrm_unmapped_forms", Unmapped, (rows) => unmappedTable(desk, rows)),
    pagedList(desk, "amocrm_held_tells", Held, (rows) => heldTable(desk, rows)),
  ]);
  return [
    ...(desk.mayChange ? [] : [make("p", "notice", texts.viewerOnly)]),
    card(texts.duplicates, [], make("p", "soft small", texts.duplicatesLead), duplicates),
    card(texts.quarantine, [], make("p", "soft small", texts.quarantineLead), quarantine),
    card(texts.unmapped_forms, [], unmapped),
    card(texts.held_tells, [], held),
  ];
}

const mine = (desk: Desk, ...buttons: HTMLElement[]): HTMLElement =>
  make("div", "row", ...(desk.mayChange ? buttons : []));

async function duplicateTable(
  desk: Desk,
  duplicates: readonly z.infer<typeof Duplicate>[],
): Promise<HTMLElement> {
  const { texts, format } = desk;
  const reasons = [...new Set(duplicates.map(({ reason }) => reason))];
  const said = new Map(
    await Promise.all(reasons.map(async (reason) => [reason, await desk.inWords(reason)] as const)),
  );
  const resolve = (id: number, what: string) =>
    void desk.act("amocrm_resolve_duplicate", { p_id: id, p_resolution: what });
  return table(
    texts.duplicates,
    [
      { name: texts.kind },
      { name: texts.who },
      { name: texts.reason, isWhole: true },
      { name: texts.created },
      { name: "", isWhole: true },
    ],
    duplicates.map((pair) => [
      pairWord(desk, pair.type),
      make("div", "row", ...[pair.kept_id, pair.other_id].map((id) => whoOf(desk, pair.type, id))),
      said.get(pair.reason) ?? pair.reason,
      format.time(pair.found_at),
      mine(
        desk,
        button(texts.same, "", () => resolve(pair.id, "same")),
        button(texts.different, "", () => resolve(pair.id, "different")),
      ),
    ]),
  );
}

function quarantineTable(desk: Desk, quarantine: readonly Group[], isAll: boolean): HTMLElement {
  const { texts, format } = desk;
  return table(
    texts.quarantine,
    [
      { name: texts.reason },
      { name: texts.source },
      { name: texts.domain },
      { name: texts.count, isNumber: true },
      { name: texts.newest },
      { name: "", isWhole: true },
    ],
    quarantine.map((group) => [
      quarantineWord(desk.language, group.reason),
      group.source ?? "—",
      group.email_domain ?? "—",
      format.number(group.lead_count),
      format.ago(group.last_at),
      mine(
        desk,
        button(
          texts.release,
          "",
          () =>
            void decide(
              desk,
              "amocrm_release_quarantine",
              { group, quarantine, isAll },
              texts.sureRelease,
              texts.release,
            ),
        ),
        button(
          texts.discard,
          "danger",
          () =>
            void decide(
              desk,
              "amocrm_discard_quarantine",
              { group, quarantine, isAll },
              texts.sureDiscard,
              texts.discard,
            ),
        ),
      ),
    ]),
  );
}

function unmappedTable(desk: Desk, unmapped: readonly z.infer<typeof Unmapped>[]): HTMLElement {
  const { texts, format } = desk;
  return table(
    texts.unmapped_forms,
    [
      { name: texts.source },
      { name: texts.created },
      { name: texts.reason },
      { name: texts.fields, isWhole: true },
      { name: texts.remedy, isWhole: true },
    ],
    unmapped.map((form) => [
      form.source,
      format.time(form.received_at),
      form.reason ?? "",
      make("code", "", JSON.stringify(form.fields)),
      make("code", "", form.remedy),
    ]),
  );
}

function heldTable(desk: Desk, held: readonly z.infer<typeof Held>[]): HTMLElement {
  const { texts, format } = desk;
  return table(
    texts.held_tells,
    [{ name: texts.message }, { name: texts.kind }, { name: texts.oldest }, { name: "", isWhole: true }],
    held.map((one) => [
      `№ ${one.message_id}`,
      one.kind,
      format.ago(one.held_since),
      mine(
        desk,
        button(
          texts.release,
          "",
          () => void desk.act("amocrm_release_tells", { p_deal_id: one.amocrm_deal_id }),
        ),
      ),
    ]),
  );
}

const pairWord = (desk: Desk, type: string): string =>
  type === "people" ? desk.texts.person : desk.texts.contactWord;

/** One of a pair, with a way to everything that is known of it. */
function whoOf(desk: Desk, type: string, id: number): HTMLElement | string {
  const filter = type === "people" ? { person_id: String(id) } : { contact_id: String(id) };
  return wayTo(desk, { screen: "person", filter }, `№ ${id}`);
}

type Group = z.infer<typeof Quarantined>;

/** A group without a source or a domain stands for any, so the question names how many leads are meant in all. */
async function decide(
  desk: Desk,
  name: string,
  { group, quarantine, isAll }: { group: Group; quarantine: readonly Group[]; isAll: boolean },
  sure: string,
  yes: string,
): Promise<void> {
  const { reason, source, email_domain: domain } = group;
  const meant = quarantine.filter(
    (one) =>
      one.reason === reason &&
      (source === null || one.source === source) &&
      (domain === null || one.email_domain === domain),
  );
  const count = meant.reduce((total, one) => total + one.lead_count, 0);
  const words = [
    reason,
    source ?? "*",
    domain ?? "*",
    `${desk.format.number(count)}${isAll ? "" : "+"}`,
  ].join(" · ");
  const isAgreed = await desk.ask({ title: yes, body: [make("p", "", sure), make("p", "soft", words)], yes });
  if (isAgreed) await desk.act(name, { p_reason: reason, p_source: source, p_email_domain: domain });
}
