import { randomBytes } from "node:crypto";
import { isCancelable, type SimulatedCampaign, type SimulatedMessage, stateOf } from "./campaigns.ts";
import { KNOWN, readRows } from "./form.ts";
import { signedCall } from "./hook.ts";

/** What becomes of one request instead of its answer. */
type Fault =
  /** An error with this code, and status 200; nothing was done. */
  | { kind: "code"; code: string }
  /** A gateway's own page; nothing was done. */
  | { kind: "page"; status: number }
  /** The connection breaks; `isTaken`: it was done all the same. */
  | { kind: "reset"; isTaken: boolean }
  /** No answer ever comes; it was done. */
  | { kind: "silence" };

interface SimulatorOptions {
  nowMs?: () => number;
  apiKey?: string;
  sender?: string;
}

type Outcome = { kind: "answer"; status: number; body: string } | { kind: "reset" } | { kind: "silence" };

interface SimulatedContact {
  email: string;
  tags: string[];
  lists: Set<string>;
  status: "new" | "unsubscribed";
}

export interface UnisenderSimulator {
  apiKey: string;
  /** Handles one POST. */
  call(request: { url: string; body: string }): Outcome;
  /** The next requests fail so, one each, in this order. */
  fail(...faults: Fault[]): void;
  /** From now on this decides for each request, by its method, how it fails. */
  failBy(choose: ((method: string) => Fault | undefined) | undefined): void;
  contacts: Map<string, SimulatedContact>;
  /** All campaigns that were ever made, oldest first, with their state now. */
  campaigns(): (SimulatedCampaign & { state: string })[];
  /** How many requests of a method came, refused ones too. */
  requestCount(method: string): number;
  /** A person clicks the link to unsubscribe. */
  unsubscribe(email: string): void;
  /** What moderators do with the next campaigns. */
  censor(censorship: SimulatedCampaign["censorship"]): void;
  /** How far the count in the next answers is from the truth. */
  miscount(change: (count: number) => number): void;
  /** A call of the webhook, signed. */
  event(events: readonly { event_name: string; event_data: unknown }[], key?: string): Request;
}

const HOUR_MS = 3_600_000;
const ROLES = /^(?:admin|info|support|abuse|postmaster|noreply)@/;
/** Unisender in memory, harsher than the real one: what it does not document, it refuses. */
export function createUnisenderSimulator(options: SimulatorOptions = {}): UnisenderSimulator {
  const nowMs = options.nowMs ?? Date.now;
  const apiKey = options.apiKey ?? randomBytes(20).toString("hex");
  const sender = options.sender ?? "hello@school.example";
  const lists: { id: string; title: string }[] = [];
  const contacts = new Map<string, SimulatedContact>();
  const messages: SimulatedMessage[] = [];
  const campaigns: SimulatedCampaign[] = [];
  const counts = new Map<string, number>();
  const faults: Fault[] = [];
  let choose: ((method: string) => Fault | undefined) | undefined;
  let arrivals: number[] = [];
  let censorship: SimulatedCampaign["censorship"] = "pass";
  let miscounted = (count: number): number => count;
  let isBlocked = false;

  const audience = (message: SimulatedMessage): SimulatedContact[] =>
    [...contacts.values()].filter(
      ({ lists: of, tags, status }) =>
        status !== "unsubscribed" &&
        of.has(message.listId) &&
        (message.tag === null || tags.includes(message.tag)),
    );

  /** Those whose hour has come go to whoever is in the list at that moment. */
  function begin(): void {
    for (const campaign of campaigns) {
      const message = messages.find(({ id }) => id === campaign.messageId);
      if (campaign.recipients === null && message !== undefined && nowMs() >= campaign.startMs)
        if (["in_progress", "analysed", "completed"].includes(stateOf(campaign, nowMs())))
          campaign.recipients = audience(message).map(({ email }) => email);
    }
  }

  function importContacts(form: URLSearchParams): Outcome {
    const table = readRows(form);
    if (table === null || table.rows.length > 500 || table.names.length > 50) return refused("invalid_arg");
    const at = (row: readonly string[], name: string) => row[table.names.indexOf(name)];
    if (!table.names.includes("email")) return refused("invalid_arg");
    if (table.rows.some((row) => (at(row, "tags") ?? "").split(",").length > 10))
      return refused("invalid_arg");
    const log: { index: number; code: string; message: string }[] = [];
    for (const [index, row] of table.rows.entries()) {
      const email = (at(row, "email") ?? "").toLowerCase();
      if (at(row, "delete") === "1") {
        contacts.delete(email);
        continue;
      }
      if (!/^[^\s@]+@[^\s@]+\.[a-z]{2,}$/.test(email) || ROLES.test(email)) {
        log.push({ index, code: "invalid_email", message: `${email} is refused` });
        continue;
      }
      const listIds = (at(row, "email_list_ids") ?? "").split(",").filter((id) => id !== "");
      if (listIds.some((id) => !lists.some((list) => list.id === id))) return refused("invalid_arg");
      const known = contacts.get(email) ?? { email, tags: [], lists: new Set<string>(), status: "new" };
      const tags = (at(row, "tags") ?? "").split(",").filter((tag) => tag !== "");
      known.tags =
        form.get("overwrite_tags") === "1" ? tags : [...new Set([...(known.tags as string[]), ...tags])];
      for (const id of listIds) known.lists.add(id);
      contacts.set(email, known as SimulatedContact);
    }
    return done({ total: table.rows.length, inserted: 0, updated: 0, invalid: log.length, log });
  }

  function createCampaign(form: URLSearchParams): Outcome {
    const message = messages.find(({ id }) => id === form.get("message_id"));
    const start = form.get("start_time") ?? "";
    const startMs = Date.parse(`${start.replace(" ", "T")}:00Z`);
    if (message === undefined || form.get("timezone") !== "UTC" || !/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(start))
      return refused("invalid_arg");
    if (startMs < nowMs() || startMs > nowMs() + 100 * 24 * HOUR_MS) return refused("invalid_arg");
    if (
      campaigns.some(({ messageId, createdMs }) => messageId === message.id && nowMs() - createdMs < HOUR_MS)
    )
      return refused("unspecified");
    // The real one blocked an account after 35 within minutes; here the second one within an hour is too many.
    isBlocked ||= campaigns.some(({ createdMs }) => nowMs() - createdMs < HOUR_MS);
    if (isBlocked) return refused("access_denied");
    const count = miscounted(audience(message).length);
    const id = String(7000 + campaigns.length);
    campaigns.push({
      id,
      messageId: message.id,
      startMs,
      createdMs: nowMs(),
      count,
      censorship,
      isCanceled: false,
      recipients: null,
    });
    return done({ campaign_id: Number(id), status: "waits_censor", count });
  }

  function handle(method: string, form: URLSearchParams): Outcome {
    const campaign = campaigns.find(({ id }) => id === form.get("campaign_id"));
    switch (method) {
      case "getLists":
        return done(lists.map(({ id, title }) => ({ id: Number(id), title })));
      case "createList": {
        const list = { id: String(100 + lists.length), title: form.get("title") ?? "" };
        lists.push(list);
        return done({ id: Number(list.id) });
      }
      case "importContacts":
        return importContacts(form);
      case "exclude": {
        const contact = contacts.get(form.get("contact") ?? "");
        if (form.get("contact_type") !== "email" || contact === undefined) return refused("invalid_arg");
        contact.lists.delete(form.get("list_ids") ?? "");
        return done({});
      }
      case "createEmailMessage": {
        const name = form.get("sender_name") ?? "";
        if (form.get("sender_email") !== sender || name === "" || name.includes("@"))
          return refused("invalid_arg");
        if (!lists.some(({ id }) => id === form.get("list_id")) || !form.get("subject") || !form.get("body"))
          return refused("invalid_arg");
        const message = {
          id: String(5000 + messages.length),
          listId: form.get("list_id") ?? "",
          tag: form.get("tag"),
          subject: form.get("subject") ?? "",
        };
        messages.push(message);
        return done({ message_id: Number(message.id) });
      }
      case "createCampaign":
        return createCampaign(form);
      case "cancelCampaign":
        if (campaign === undefined || !isCancelable(stateOf(campaign, nowMs())))
          return refused("unspecified");
        campaign.isCanceled = true;
        return done({});
      case "getCampaignStatus":
        return campaign === undefined
          ? refused("invalid_arg")
          : done({ status: stateOf(campaign, nowMs()), creation_time: "", start_time: "" });
      case "getCampaignCommonStats":
        return campaign === undefined
          ? refused("invalid_arg")
          : done({ total: campaign.count, sent: 0, delivered: 0 });
      case "getCampaigns": {
        const bound = (name: string) => Date.parse(`${(form.get(name) ?? "").replace(" ", "T")}Z`);
        const found = campaigns.filter(({ startMs }) => startMs >= bound("from") && startMs <= bound("to"));
        const offset = Number(form.get("offset") ?? 0);
        return done(
          found.slice(offset, offset + Number(form.get("limit") ?? 100)).map((one) => ({
            id: Number(one.id),
            message_id: Number(one.messageId),
            status: stateOf(one, nowMs()),
            start_time: new Date(one.startMs).toISOString().slice(0, 19).replace("T", " "),
          })),
        );
      }
      case "exportContacts": {
        const found = [...contacts.values()].filter(
          ({ status, lists: of }) => status === form.get("email_status") && of.has(form.get("list_id") ?? ""),
        );
        const offset = Number(form.get("offset") ?? 0);
        return done({
          field_names: ["email"],
          data: found.slice(offset, offset + Number(form.get("limit") ?? 100)).map(({ email }) => [email]),
        });
      }
      default:
        return refused("unknown_method");
    }
  }

  return {
    apiKey,
    contacts,
    call({ url, body }) {
      begin();
      const { pathname, searchParams } = new URL(url, "http://simulated.example");
      const method = /^\/ru\/api\/(\w+)$/.exec(pathname)?.[1];
      if (method === undefined) return { kind: "answer", status: 404, body: "<html>Not Found</html>" };
      counts.set(method, (counts.get(method) ?? 0) + 1);
      // Proxies log addresses.
      if (url.includes(apiKey)) throw new Error("The key stands in the address");
      if (searchParams.get("format") !== "json") return refused("invalid_arg");
      const form = new URLSearchParams(body);
      if (isBlocked) return refused("access_denied");
      if (form.get("api_key") !== apiKey) return refused("invalid_api_key");
      form.delete("api_key");
      arrivals = arrivals.filter((at) => nowMs() - at < 60_000);
      arrivals.push(nowMs());
      if (arrivals.length > 300) return refused("api_call_limit_exceeded_for_api_key");
      const allowed = KNOWN[method] ?? [];
      const isRow = (name: string): boolean =>
        method === "importContacts" && /^(?:field_names|data)\[/.test(name);
      if ([...form.keys()].some((name) => !allowed.includes(name) && !isRow(name)))
        return refused(method in KNOWN ? "invalid_arg" : "unknown_method");
      const fault = faults.shift() ?? choose?.(method);
      if (fault?.kind === "code") return refused(fault.code);
      if (fault?.kind === "page") return { kind: "answer", status: fault.status, body: "<html>Sorry</html>" };
      if (fault?.kind === "reset" && !fault.isTaken) return { kind: "reset" };
      const outcome = handle(method, form);
      return fault?.kind === "reset" || fault?.kind === "silence" ? { kind: fault.kind } : outcome;
    },
    fail: (...more) => void faults.push(...more),
    failBy: (by) => {
      choose = by;
    },
    campaigns() {
      begin();
      return campaigns.map((campaign) => ({ ...campaign, state: stateOf(campaign, nowMs()) }));
    },
    requestCount: (method) => counts.get(method) ?? 0,
    unsubscribe(email) {
      const contact = contacts.get(email);
      if (contact === undefined) throw new Error(`The simulator has no contact ${email}`);
      contact.status = "unsubscribed";
    },
    censor: (next) => {
      censorship = next;
    },
    miscount: (change) => {
      miscounted = change;
    },
    event: (events, key = apiKey) => signedCall(events, key, nowMs()),
  };
}

function done(result: unknown): Outcome {
  return { kind: "answer", status: 200, body: JSON.stringify({ result }) };
}

/** Failures come with status 200, and with a sentence that quotes what was sent. */
function refused(code: string): Outcome {
  return {
    kind: "answer",
    status: 200,
    body: JSON.stringify({ error: `${code} about ada@example.com`, code }),
  };
}
