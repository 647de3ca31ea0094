import { z } from "zod";
import { EditError } from "./account/manager-account-edits.ts";
import { editSchema } from "./account/manager-edits.ts";
import { oddPopulationSchema, oddRowSchema } from "./account/odd-rows.ts";
import { populationSchema } from "./account/populate.ts";
import { STATE_PARTS } from "./account/state.ts";
import { meddlingSchema } from "./hooks/office.ts";
import type { Answer, Incoming } from "./http.ts";
import type { Simulator } from "./simulator.ts";
import { faultSchema } from "./traffic/faults.ts";

/** Everything under this path is for the test, not part of amoCRM: not limited, not delayed, not logged. */
export const CONTROL_PREFIX = "/__control";

type Command = (simulator: Simulator, input: { body: unknown; query: URLSearchParams }) => unknown;

const idQuery = z.coerce.number().int().min(1).optional();
const tokensSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("issue_code"), client_id: z.string().optional() }),
  z.strictObject({ action: z.literal("issue_pair"), client_id: z.string().optional() }),
  z.strictObject({ action: z.literal("issue_long_lived") }),
  z.strictObject({ action: z.literal("revoke"), token: z.string().optional() }),
]);

const COMMANDS: Record<string, Command> = {
  "GET /state": (simulator, { query }) => readState(simulator, query),
  "GET /requests": (simulator, { query }) => {
    const after = z.coerce
      .number()
      .int()
      .min(0)
      .parse(query.get("after") ?? 0);
    return { requests: simulator.log.entries(after) };
  },
  "DELETE /requests": (simulator) => done(simulator.log.clear()),
  "GET /settings": (simulator) => simulator.settings,
  "POST /settings": (simulator, { body }) => simulator.control.patchSettings(body as object),
  "GET /faults": (simulator) => ({ faults: simulator.control.faults() }),
  "POST /faults": (simulator, { body }) => {
    const faults = z.array(faultSchema).parse(Array.isArray(body) ? body : [body]);
    return { faults: simulator.control.addFaults(...faults) };
  },
  "DELETE /faults": (simulator, { query }) =>
    done(simulator.control.clearFaults(idQuery.parse(query.get("id") ?? undefined))),
  "POST /block": (simulator) => done(simulator.control.block()),
  "POST /lift-block": (simulator) => done(simulator.control.liftBlock()),
  "POST /edits": (simulator, { body }) => {
    const edits = z.array(editSchema).parse(Array.isArray(body) ? body : [body]);
    for (const edit of edits) simulator.control.edit(edit);
    return { applied: edits.length };
  },
  "GET /webhooks": ({ hooks }) => ({ subscriptions: hooks.list(), deliveries: hooks.deliveries }),
  "POST /webhooks": ({ hooks }, { body }) => done(hooks.meddle(meddlingSchema.parse(body))),
  "POST /populate": (simulator, { body }) => simulator.control.populate(populationSchema.parse(body)),
  "POST /odd-rows": (simulator, { body }) => {
    const rows = z.array(oddRowSchema).parse(Array.isArray(body) ? body : [body]);
    for (const row of rows) simulator.control.makeOdd(row);
    return { made: rows.length };
  },
  "POST /populate-odd": (simulator, { body }) =>
    simulator.control.populateOdd(oddPopulationSchema.parse(body)),
  "GET /sign-ins": (simulator) => simulator.control.signIns(),
  "POST /end-sessions": (simulator) => done(simulator.control.endSessions()),
  "POST /reset": (simulator) => done(simulator.control.reset()),
  "POST /tokens": (simulator, { body }) => tokens(simulator, tokensSchema.parse(body)),
};

/** Answers a control request; wrong input is a 400 that names the member, an unknown command lists the known ones. */
export function answerControl(simulator: Simulator, incoming: Incoming): Answer {
  const path = incoming.url.pathname.slice(CONTROL_PREFIX.length).replace(/\/$/, "");
  const command = COMMANDS[`${incoming.method} ${path}`];
  if (command === undefined) return json(404, { error: "unknown_command", commands: Object.keys(COMMANDS) });
  try {
    const body: unknown = incoming.body.trim() === "" ? {} : JSON.parse(incoming.body);
    return json(200, command(simulator, { body, query: incoming.url.searchParams }));
  } catch (error) {
    if (error instanceof z.ZodError) {
      return json(400, { error: "invalid_input", issues: error.issues.map(describe) });
    }
    if (error instanceof SyntaxError) return json(400, { error: "invalid_json", message: error.message });
    if (error instanceof EditError) return json(400, { error: error.code, message: error.message });
    throw error;
  }
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.length > 0 ? issue.path.join(".") : "body"}: ${issue.message}`;
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

function done(_nothing: unknown): { ok: true } {
  return { ok: true };
}

function readState(simulator: Simulator, query: URLSearchParams): Record<string, unknown> {
  const asked = query.get("parts");
  const parts = z.array(z.enum(STATE_PARTS)).parse(asked === null || asked === "" ? [] : asked.split(","));
  const wanted = asked === null ? STATE_PARTS : parts;
  return {
    counts: simulator.state.counts(),
    is_blocked: simulator.control.isBlocked(),
    ...Object.fromEntries(wanted.map((part) => [part, simulator.state.part(part)])),
  };
}

function tokens(simulator: Simulator, order: z.output<typeof tokensSchema>): unknown {
  if (order.action === "issue_code") return { code: simulator.control.issueCode(order.client_id) };
  if (order.action === "issue_pair") return simulator.control.issuePair(order.client_id);
  if (order.action === "issue_long_lived") return { access_token: simulator.control.issueLongLivedToken() };
  simulator.control.revokeTokens(order.token);
  return { ok: true };
}
