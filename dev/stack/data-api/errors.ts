/** An answer that is not a row: PostgREST's own faults carry a PGRST code, Postgres' faults their SQLSTATE. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly hint: unknown;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: unknown; hint?: unknown } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = more.details ?? null;
    this.hint = more.hint ?? null;
  }
}

/** The parts of a Postgres error that decide about the answer. */
interface DatabaseFault {
  code: string;
  message: string;
  detail?: string | undefined;
  hint?: string | undefined;
}

const STATUS_BY_CODE = new Map<string, number>([
  ["21000", 400],
  ["22023", 400],
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["42883", 404],
  ["42P01", 404],
  ["42P17", 500],
  ["53400", 500],
  ["57P01", 503],
  ["P0001", 400],
]);
const STATUS_BY_CLASS = new Map<string, number>([
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53", 503],
  ["54", 500],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0", 500],
  ["XX", 500],
]);

/** The HTTP status that PostgREST documents for an SQLSTATE; 42501 depends on who asks. */
export function statusOf(code: string, role: string): number {
  if (/^PT\d{3}$/.test(code)) return Number(code.slice(2));
  if (code === "42501") return role === "anon" ? 401 : 403;
  return STATUS_BY_CODE.get(code) ?? STATUS_BY_CLASS.get(code.slice(0, 2)) ?? 400;
}

interface Raised {
  status?: number;
  headers?: Record<string, string>;
  code?: string;
  message?: string;
  details?: unknown;
  hint?: unknown;
}

/** The answer to whatever a request ended with; a fault that is not the request's own is 503. */
export function errorResponse(error: unknown, role: string): Response {
  if (error instanceof ApiError) {
    const { status, code, message, details, hint } = error;
    return Response.json({ code, details, hint, message }, { status });
  }
  if (!isDatabaseFault(error)) {
    const message = `Database client error. ${error instanceof Error ? error.message : String(error)}`;
    return Response.json({ code: "PGRST001", details: null, hint: null, message }, { status: 503 });
  }
  if (error.code === "PGRST") return raisedResponse(error);
  const body = { code: error.code, details: error.detail ?? null, hint: error.hint ?? null };
  return Response.json({ ...body, message: error.message }, { status: statusOf(error.code, role) });
}

/** `raise sqlstate 'PGRST'` chooses the whole answer, as JSON in message and detail. */
function raisedResponse(error: DatabaseFault): Response {
  try {
    const body = JSON.parse(error.message) as Raised;
    const { status = 500, headers = {} } = JSON.parse(error.detail ?? "{}") as Raised;
    const { code, message, details = null, hint = null } = body;
    return Response.json({ code, message, details, hint }, { status, headers });
  } catch {
    const message = "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error";
    return Response.json({ code: "PGRST121", details: null, hint: null, message }, { status: 500 });
  }
}

function isDatabaseFault(error: unknown): error is DatabaseFault {
  // Errors of the client itself (a dropped connection) have a code too, but no severity.
  return error instanceof Error && "severity" in error && "code" in error;
}
