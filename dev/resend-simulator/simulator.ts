import { randomBytes, randomUUID } from "node:crypto";
import { fateOf, type WebhookCall, webhookCall } from "./events.ts";
import { createKeyMemory } from "./idempotency.ts";
import { domainOf, SentBody } from "./mail-body.ts";

/** A mail that was taken. */
export interface SimulatedMail {
  id: string;
  key: string;
  body: SentBody;
  acceptedAtMs: number;
}

/** What becomes of one request instead of its answer. */
type Fault =
  | { kind: "answer"; status: number; name: string; retryAfterSeconds?: number }
  /** The connection breaks; `isTaken`: the mail was taken all the same. */
  | { kind: "reset"; isTaken: boolean }
  /** No answer ever comes; the mail is taken. */
  | { kind: "silence" };

export interface SimulatorOptions {
  nowMs?: () => number;
  apiKey?: string;
  webhookSecret?: string;
  verifiedDomains?: string[];
  /** Requests in the window of 900 ms; null for no limit. */
  rateLimit?: number | null;
}

interface Request {
  apiKey: string | null;
  key: string | null;
  body: string;
}

type Outcome =
  | { kind: "answer"; status: number; headers: Record<string, string>; body: object }
  | { kind: "reset" }
  | { kind: "silence" };

export interface ResendSimulator {
  apiKey: string;
  webhookSecret: string;
  /** Handles one POST /emails. */
  send(request: Request): Outcome;
  /** The next requests fail so, one each, in this order. */
  fail(...faults: Fault[]): void;
  /** All mails that were taken, oldest first. */
  mails(): readonly SimulatedMail[];
  /** How many requests came, refused ones too. */
  requestCount(): number;
  /** A signed webhook call about a mail. */
  event(
    mail: SimulatedMail,
    type: string,
    options?: { id?: string; atMs?: number; data?: object },
  ): WebhookCall;
  /** From now on events of each mail are posted to the URL by themselves. */
  eventsTo(url: string): void;
}

const RATE_WINDOW_MS = 900;

export function createResendSimulator(options: SimulatorOptions = {}): ResendSimulator {
  const nowMs = options.nowMs ?? Date.now;
  const apiKey = options.apiKey ?? `re_${randomBytes(12).toString("hex")}`;
  const webhookSecret = options.webhookSecret ?? `whsec_${randomBytes(24).toString("base64")}`;
  const verified = options.verifiedDomains ?? ["school.example"];
  const rateLimit = options.rateLimit === undefined ? 2 : options.rateLimit;
  const keys = createKeyMemory();
  const mails: SimulatedMail[] = [];
  const faults: Fault[] = [];
  let arrivals: number[] = [];
  let requestCount = 0;
  let eventsUrl: string | undefined;

  function isTooFast(): boolean {
    const now = nowMs();
    arrivals = arrivals.filter((at) => now - at < RATE_WINDOW_MS);
    if (rateLimit !== null && arrivals.length >= rateLimit) return true;
    arrivals.push(now);
    return false;
  }

  function handle(request: Request, fault: Fault | undefined): Outcome {
    if (request.apiKey === null) return refuse(401, "missing_api_key");
    if (request.apiKey !== apiKey) return refuse(403, "invalid_api_key");
    if (isTooFast()) return refuse(429, "rate_limit_exceeded", { "retry-after": "1" });
    const { key } = request;
    if (key === null || key.length === 0 || key.length > 256) return refuse(400, "invalid_idempotency_key");
    const known = keys.begin(key, request.body, nowMs());
    if (known === "other_body") return refuse(409, "invalid_idempotent_request");
    if (known === "under_way") return refuse(409, "concurrent_idempotent_requests");
    if (known !== "new") return fault === undefined ? answer(200, { id: known.mailId }) : broken(fault);
    if (fault?.kind === "answer" || (fault?.kind === "reset" && !fault.isTaken)) {
      keys.end(key, null);
      return broken(fault);
    }
    const outcome = take(request.body, key);
    keys.end(key, outcome.kind === "mail" ? outcome.mail.id : null);
    if (outcome.kind === "refused") return outcome.answer;
    return fault === undefined ? answer(200, { id: outcome.mail.id }) : broken(fault);
  }

  function take(
    text: string,
    key: string,
  ): { kind: "mail"; mail: SimulatedMail } | { kind: "refused"; answer: Outcome } {
    const parsed = SentBody.safeParse(parseJson(text));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const message = `Invalid \`${issue?.path.join(".") || "body"}\` field`;
      return { kind: "refused", answer: refuse(422, "validation_error", {}, message) };
    }
    if (!verified.includes(domainOf(parsed.data.from))) {
      return { kind: "refused", answer: refuse(403, "validation_error", {}, "The domain is not verified") };
    }
    const mail = { id: randomUUID(), key, body: parsed.data, acceptedAtMs: nowMs() };
    mails.push(mail);
    if (eventsUrl !== undefined) void postEvents(mail, eventsUrl);
    return { kind: "mail", mail };
  }

  async function postEvents(mail: SimulatedMail, url: string): Promise<void> {
    for (const { type, data } of fateOf(mail)) {
      const { headers, body } = simulator.event(mail, type, data === undefined ? {} : { data });
      // One that is not heard is lost here; Resend would repeat it for a day.
      await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
    }
  }

  const simulator: ResendSimulator = {
    apiKey,
    webhookSecret,
    send(request) {
      requestCount += 1;
      return handle(request, faults.shift());
    },
    fail: (...more) => void faults.push(...more),
    mails: () => mails,
    requestCount: () => requestCount,
    event: (mail, type, { atMs, ...more } = {}) =>
      webhookCall(webhookSecret, type, mail, { atMs: atMs ?? nowMs(), ...more }),
    eventsTo: (url) => {
      eventsUrl = url;
    },
  };
  return simulator;
}

function broken(fault: Fault): Outcome {
  if (fault.kind !== "answer") return { kind: fault.kind };
  const wait = fault.retryAfterSeconds;
  return refuse(fault.status, fault.name, wait === undefined ? {} : { "retry-after": String(wait) });
}

function answer(status: number, body: object, headers: Record<string, string> = {}): Outcome {
  return { kind: "answer", status, headers, body };
}

function refuse(status: number, name: string, headers: Record<string, string> = {}, message = name): Outcome {
  return answer(status, { statusCode: status, name, message }, headers);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
