import type { Guard } from "../../outbox/guard.ts";
import { allPages } from "../api/all-pages.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import type { NewCustomField } from "../api/drafts.ts";
import type { CustomField } from "../api/entities.ts";
import { isUnaccused } from "../api/faults.ts";
import type { Answer, Failed } from "../api/verdict.ts";
import { type Configuration, markerField } from "../configuration.ts";
import type { MarkerEnd, Outbox } from "./port.ts";

/** The deal field that carries our lead's id, so that a deal whose answer was lost is found again. */
export const MARKER = { code: "SUPABASE_LEAD_ID", name: "Supabase lead id", type: "text" } as const;

type Reply<T> = { ok: true; value: T } | { ok: false; reason: string; failed: Failed | null };

/** How the account is asked, by a drain or by the operator's command. */
export interface MarkerAccount {
  ask<T>(request: (client: AmocrmClient) => Promise<Answer<T>>): Promise<Reply<T>>;
  /** The deal fields as they are now. */
  fields(): Promise<Reply<CustomField[]>>;
}

/**
 * `found` and `made`: the account has it. `unfit`: a field of its code has another type. `refused`: it cannot be made.
 * `unknown`: it may have been made, and could not be looked for.
 */
export type MarkerOutcome =
  | { kind: "found" | "made" | "unfit"; field: CustomField }
  | { kind: "refused" | "unknown"; reason: string; failed: Failed | null };

/**
 * Finds the field among those the account has, or makes it and looks for it again whatever the answer was: one that was
 * lost may have made it, and one that refuses may do so because somebody else was quicker. Making it blindly once more
 * would make a second one.
 */
export async function findOrMakeMarker(
  known: readonly CustomField[],
  account: MarkerAccount,
): Promise<MarkerOutcome> {
  const present = markerIn(known);
  if (present !== undefined) return fitting("found", present);
  let making = await make(MARKER, account);
  let asked = await account.fields();
  let field = asked.ok ? markerIn(asked.value) : undefined;
  if (field === undefined && asked.ok && !making.ok && isRefusal(making.failed)) {
    // The code is a convenience: there are accounts that refuse fields with one, and need not say so.
    const { code: _left, ...withoutCode } = MARKER;
    making = await make(withoutCode, account);
    asked = await account.fields();
    field = asked.ok ? markerIn(asked.value) : undefined;
  }
  if (field !== undefined) return fitting("made", field);
  const isLost = !making.ok && making.failed?.verdict === "uncertain" && !isUnaccused(making.failed.fault);
  if (!making.ok && !isLost) return { ...making, kind: "refused" };
  return asked.ok
    ? { kind: "unknown", reason: "amoCRM does not list it", failed: null }
    : { ...asked, kind: "unknown" };
}

function isRefusal(failed: Failed | null): boolean {
  return failed !== null && (failed.verdict === "rejected" || isUnaccused(failed.fault));
}

/** What a drain's search for the marker needs. */
export interface MarkerPorts {
  client: AmocrmClient;
  outbox: Outbox;
  guard: Guard<Failed>;
  token: string;
  alive<T>(request: Promise<T>): Promise<T>;
}

/**
 * Sees to it that deals carry a marker, if none is set and today's try is still to be had. Not being allowed to make it
 * stops nothing; a failure is returned only if the account as a whole is in the way.
 */
export async function ensureMarker(configuration: Configuration, ports: MarkerPorts): Promise<Failed | null> {
  const { outbox, token } = ports;
  if (markerField(configuration) !== null || !(await outbox.beginMarker(token))) return null;
  let stopped: Failed | null = null;
  const ask: MarkerAccount["ask"] = async (request) => {
    if (stopped !== null) return { ok: false, reason: stopped.fault.message, failed: stopped };
    const answer = await ports.alive(request(ports.client));
    // Making fields needs rights that delivering does not: their lack must not stop the queue.
    if (answer.verdict === "delivered" || answer.fault.code !== "forbidden")
      stopped = await ports.guard.observe(answer, { operation: "find_marker", messageIds: [] });
    return answer.verdict === "delivered"
      ? { ok: true, value: answer.value }
      : { ok: false, reason: answer.fault.message, failed: answer };
  };
  // One that was not read to its end may have the marker: making a second one would part the deals in two.
  const fields = () =>
    allPages(
      (page) => ask((client) => client.customFields("leads", page)),
      (reason) => ({ ok: false, reason, failed: null }),
    );
  const known = await fields();
  const outcome: MarkerOutcome = known.ok
    ? await findOrMakeMarker(known.value, { ask, fields })
    : { ...known, kind: "unknown" };
  await outbox.endMarker(token, endOf(outcome));
  if (outcome.kind === "found" || outcome.kind === "made") {
    configuration.fields.push({
      entity: "deal",
      path: "id",
      field_id: outcome.field.id,
      field_code: null,
      field_type: outcome.field.type,
      choices: [],
    });
  }
  return stopped;
}

function endOf(outcome: MarkerOutcome): MarkerEnd {
  if ("reason" in outcome) {
    return { code: outcome.failed?.fault.code ?? "marker_not_listed", message: outcome.reason };
  }
  const { field } = outcome;
  if (outcome.kind !== "unfit") return { fieldId: field.id };
  return {
    code: "marker_unfit",
    message: `deal field ${field.id} has the code ${MARKER.code} and the type ${field.type}, not ${MARKER.type}`,
  };
}

function make(field: Omit<NewCustomField, "requestId" | "isApiOnly">, { ask }: MarkerAccount) {
  return ask((client) =>
    client.createCustomFields("leads", [{ requestId: "marker", ...field, isApiOnly: true }]),
  );
}

/** By its code, or where it has none by its name. */
function markerIn(fields: readonly CustomField[]): CustomField | undefined {
  return (
    fields.find(({ code }) => code === MARKER.code) ??
    fields.find(({ code, name, type }) => code === null && name === MARKER.name && type === MARKER.type)
  );
}

function fitting(kind: "found" | "made", field: CustomField): MarkerOutcome {
  return { kind: field.type === MARKER.type ? kind : "unfit", field };
}
