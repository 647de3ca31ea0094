import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { card, facts, table, wayTo } from "./pieces.ts";
import { filterOf, type Route } from "./route.ts";
import { goToPerson, searchField } from "./search-field.ts";
import { Person } from "./shapes.ts";
import { eventWord, quarantineWord } from "./words.ts";
import { detailWord } from "./words-of-details.ts";

/** One person: leads and student, and everything that happened, in order. */
export async function showPerson(desk: Desk, { filter }: Route): Promise<Node[]> {
  const { texts, format } = desk;
  const search = searchField(desk, texts.search, filter, (found) => goToPerson(desk, found));
  const top = make("section", "card", search);
  const wanted = filterOf(filter);
  if (Object.keys(wanted).length === 0) return [top, make("p", "soft", texts.personLead)];
  const person = await desk.call("amocrm_person", { p_filter: wanted }, Person);
  if (person.subjects.length === 0) return [top, make("p", "notice", texts.nobody)];
  const held = person.quarantined.map(({ reason }) =>
    make(
      "p",
      "notice bad",
      wayTo(
        desk,
        { screen: "decisions", filter: {} },
        texts.inQuarantine.replace("{reason}", quarantineWord(desk.language, reason)),
      ),
    ),
  );
  const events = make("ol", "events");
  for (const event of person.events) {
    const name =
      event.message_id === null
        ? eventWord(desk.language, event.event)
        : wayTo(
            desk,
            { screen: "message", filter: { id: String(event.message_id) } },
            `${eventWord(desk.language, event.event)} № ${event.message_id}`,
          );
    const deal =
      event.deal_id === null || !event.event.startsWith("deal ")
        ? []
        : [desk.link(person.account_host, `/leads/detail/${event.deal_id}`, texts.openDeal)];
    const decide =
      event.event === "duplicate listed"
        ? [wayTo(desk, { screen: "decisions", filter: {} }, texts.decisions)]
        : [];
    const detail = await detailWord(desk.language, event.detail ?? "", desk.inWords);
    events.append(
      make(
        "li",
        "",
        make("span", "soft small", `${format.time(event.at)} `),
        make("div", "row", name, ...deal, ...decide),
        make("span", "small soft", detail),
      ),
    );
  }
  return [
    top,
    ...held,
    ...stuck(desk, person),
    make(
      "div",
      "two",
      ...person.subjects.map((subject) =>
        card(
          `${subject.what === "lead" ? texts.lead : texts.student}: ${subject.name ?? "—"}`,
          [],
          facts(
            [texts.email, subject.email ?? "—"],
            [texts.phone, subject.phone ?? "—"],
            [texts.source, subject.source ?? "—"],
            [texts.created, format.time(subject.created_at)],
          ),
          make(
            "div",
            "row",
            wayTo(desk, { screen: "messages", filter: { subject_id: subject.id } }, texts.messages),
            ...(subject.deal_id === null
              ? []
              : [desk.link(person.account_host, `/leads/detail/${subject.deal_id}`, texts.openDeal)]),
            ...(subject.contact_id === null
              ? []
              : [
                  desk.link(person.account_host, `/contacts/detail/${subject.contact_id}`, texts.openContact),
                ]),
          ),
        ),
      ),
    ),
    ...person.certificates.map(({ number, issued_at: at, code }) =>
      card(
        `${texts.certificate} ${number}`,
        [],
        make(
          "p",
          "",
          format.time(at),
          ...(code === null ? [] : [` · ${texts.checkCode} `, make("code", "", code)]),
        ),
      ),
    ),
    card(texts.nextTitle, [], coming(desk, person)),
    card(texts.events, [], events),
  ];
}

const STUCK = /^message is (dead|pending|uncertain)$/;

/** What of a person has not arrived, and a way to each: nobody should have to read the whole history for it. */
function stuck(desk: Desk, { events }: Person): HTMLElement[] {
  const waiting = events.filter(({ event, message_id: id }) => id !== null && STUCK.test(event));
  return waiting.map(({ event, message_id: id, detail }) => {
    const words = `${eventWord(desk.language, event)} № ${id}`;
    const way = wayTo(desk, { screen: "message", filter: { id: String(id) } }, words);
    return make(
      "p",
      event.endsWith("pending") ? "notice" : "notice bad",
      way,
      make("span", "small", ` ${detail ?? ""}`),
    );
  });
}

/** What a person gets next: the steps of sequences that wait, soonest first. */
function coming(desk: Desk, { next }: Person): HTMLElement {
  const { texts, format } = desk;
  if (next.length === 0) return make("p", "soft", texts.nextNone);
  const columns = [
    { name: texts.sequence },
    { name: texts.nextStep },
    { name: texts.channel },
    { name: texts.nextAt },
    { name: texts.reason },
  ];
  return table(
    texts.nextTitle,
    columns,
    next.map((one) => [
      one.sequence,
      one.message_id === null
        ? one.step
        : wayTo(desk, { screen: "message", filter: { id: String(one.message_id) } }, one.step),
      one.channel === "mail" ? texts.queueMessage : texts.queueSms,
      make("div", "", format.time(one.expected_at), make("span", "small soft", format.ago(one.expected_at))),
      one.is_paused ? texts.isPaused : (one.reason ?? ""),
    ]),
  );
}
