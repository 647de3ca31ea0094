import type { Answer } from "../http.ts";
import type { Settings } from "../settings.ts";
import type { TextKey } from "./texts.ts";
import { text } from "./texts.ts";

const HAL = { "content-type": "application/hal+json" };
const PROBLEM = { "content-type": "application/problem+json" };

const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  414: "Request-URI Too Large",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Time-out",
};

/** One fault of one item: where in the item as sent, and why. */
export interface Issue {
  code:
    | "InvalidType"
    | "NotSupportedChoice"
    | "FieldMissing"
    | "TooLong"
    | "TooMany"
    | "NotBlank"
    | "InvalidValue"
    | "StaleUpdate";
  /** Zero-based dot notation, for instance `custom_fields_values.0.field_id`. */
  path: string;
}

/** The faults of one item, named by its `request_id` or its ordinal. */
export interface ItemIssues {
  requestId: string;
  issues: Issue[];
}

/** A success in JSON with amoCRM's content type. */
export function halAnswer(body: unknown, status = 200): Answer {
  return { status, headers: { ...HAL }, body: JSON.stringify(body) };
}

/** 204: nothing found, or nothing to say. */
export function emptyAnswer(): Answer {
  return { status: 204, headers: {}, body: "" };
}

/** The common error shape of amoCRM: title, type, status and a detail text. */
export function problemAnswer(status: number, detail: string, extra: Record<string, unknown> = {}): Answer {
  const body = {
    ...extra,
    title: TITLES[status] ?? "Error",
    type: `https://httpstatus.es/${status}`,
    status,
    detail,
  };
  return { status, headers: { ...PROBLEM }, body: JSON.stringify(body) };
}

/** The common error shape with a detail in the account's language. */
export function problemText(settings: Settings, status: number, key: TextKey): Answer {
  return problemAnswer(status, text(settings, key));
}

/** 400 with `validation-errors`, one entry for each bad item. */
export function validationAnswer(settings: Settings, items: ItemIssues[]): Answer {
  const errors = items.map((item) => ({
    request_id: item.requestId,
    errors: item.issues.map((issue) => ({
      code: issue.code,
      path: issue.path,
      detail: text(settings, issue.code),
    })),
  }));
  return problemAnswer(400, text(settings, "validation"), { "validation-errors": errors });
}

/** A gateway's web page instead of JSON, as 403, 429, 502 and 504 come in practice. */
export function htmlAnswer(status: number): Answer {
  const title = `${status} ${TITLES[status] ?? "Error"}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { "content-type": "text/html" }, body };
}

/** 500 as JSON: without `type`, with a trace id (amocrm-api 4). */
export function internalAnswer(settings: Settings, status: number, traceId: string): Answer {
  const body = {
    title: TITLES[status] ?? "Internal Server Error",
    status,
    detail: text(settings, "internal"),
    trace_id: traceId,
  };
  return { status, headers: { ...PROBLEM }, body: JSON.stringify(body) };
}
