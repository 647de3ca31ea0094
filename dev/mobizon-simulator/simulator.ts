import { createHash, randomBytes } from "node:crypto";
import { type CallParameters, faultsOf, listed, newSms, type SimulatedSms, timestamp } from "./messages.ts";

/** What becomes of one request instead of its answer. */
type Fault =
  /** Another code; nothing was done. */
  | { kind: "code"; code: number; data?: unknown }
  /** A gateway's own page; nothing was done. */
  | { kind: "page"; status: number }
  /** The connection breaks; `isTaken`: it was done all the same. */
  | { kind: "reset"; isTaken: boolean }
  /** No answer ever comes; it was done. */
  | { kind: "silence" }
  /** An SMS becomes a task, code 100, which ends like this. */
  | { kind: "task"; state: "done" | "waiting" | "declined" };

export interface SimulatorOptions {
  nowMs?: () => number;
  apiKey?: string;
  webhookSecret?: string;
  senders?: string[];
  balance?: number;
  /** Requests in a second; null for no limit. */
  rateLimit?: number | null;
}

interface Request {
  /** Such as `/service/message/sendSmsMessage?output=json&api=v1&apiKey=…`. */
  url: string;
  /** Form fields. */
  body: string;
}

type Outcome = { kind: "answer"; status: number; body: string } | { kind: "reset" } | { kind: "silence" };

const PRICE_OF_A_PART = 16.2;

export interface MobizonSimulator {
  apiKey: string;
  webhookSecret: string;
  /** Handles one POST. */
  call(request: Request): Outcome;
  /** The next requests fail so, one each, in this order. */
  fail(...faults: Fault[]): void;
  /** From now on this decides for each request, by its method, how it fails. */
  failBy(choose: ((method: string) => Fault | undefined) | undefined): void;
  /** All SMS that were taken, oldest first. */
  sms(): readonly SimulatedSms[];
  /** How many requests of a method came, refused ones too; of all without one. */
  requestCount(method?: string): number;
  /** The status of an SMS, as the operator reports it. */
  report(id: string, status: string): void;
  /** From now on SMS wait for a moderator. */
  moderate(isOn: boolean): void;
  setBalance(balance: number): void;
  /** The body of a webhook call about an SMS, signed. */
  event(sms: SimulatedSms, options?: { eventId?: number; attempt?: number; secret?: string }): string;
}

export function createMobizonSimulator(options: SimulatorOptions = {}): MobizonSimulator {
  const nowMs = options.nowMs ?? Date.now;
  const apiKey = options.apiKey ?? `kz${randomBytes(34).toString("hex")}`;
  const webhookSecret = options.webhookSecret ?? randomBytes(16).toString("hex");
  const senders = options.senders ?? ["School"];
  const rateLimit = options.rateLimit === undefined ? 5 : options.rateLimit;
  const all: SimulatedSms[] = [];
  const tasks = new Map<string, "done" | "waiting" | "declined">();
  const counts = new Map<string, number>();
  const faults: Fault[] = [];
  let choose: ((method: string) => Fault | undefined) | undefined;
  let arrivals: number[] = [];
  let balance = options.balance ?? 10_000;
  let isModerated = false;
  let eventCount = 0;

  function isTooFast(): boolean {
    arrivals = arrivals.filter((at) => nowMs() - at < 900);
    arrivals.push(nowMs());
    return rateLimit !== null && arrivals.length > rateLimit;
  }

  function take(parameters: CallParameters): SimulatedSms {
    const sms = newSms(parameters, { number: all.length + 1, nowMs: nowMs(), isModerated });
    balance -= sms.segNum * PRICE_OF_A_PART;
    all.push(sms);
    return sms;
  }

  function send(parameters: CallParameters, fault: Fault | undefined): Outcome {
    const wrong = faultsOf(parameters, senders);
    if (Object.keys(wrong).length > 0) return answer(1, wrong);
    if (balance <= 0) return answer(15, null, "Insufficient funds");
    if (fault?.kind === "task") {
      const taskId = String(9000 + tasks.size);
      tasks.set(taskId, fault.state);
      if (fault.state === "done") take(parameters);
      return answer(100, taskId);
    }
    const { campaignId, id, isModerated: waits } = take(parameters);
    return answer(0, { campaignId, messageId: id, status: waits ? 1 : 2 });
  }

  function handle(method: string, parameters: CallParameters, fault: Fault | undefined): Outcome {
    switch (method) {
      case "message/sendsmsmessage":
        return send(parameters, fault);
      case "message/list": {
        const { code, data } = listed(all, parameters);
        return answer(code, data);
      }
      case "message/getsmsstatus": {
        const ids = Object.entries(parameters).flatMap(([name, id]) =>
          /^ids\[\d+\]$/.test(name) ? [id] : [],
        );
        if (ids.length === 0) return answer(2, null);
        if (ids.length > 100) return answer(12, { ids: ["At most 100"] });
        const known = all.filter(({ id }) => ids.includes(id));
        return answer(
          0,
          known.map(({ id, status, segNum }) => ({ id, status, segNum: String(segNum) })),
        );
      }
      case "campaign/get": {
        const one = all.find(({ campaignId }) => campaignId === parameters["id"]);
        if (one === undefined) return answer(2, null);
        return answer(0, {
          id: one.campaignId,
          name: one.name,
          commonStatus: one.isModerated ? "MODERATION" : "SENT",
        });
      }
      case "taskqueue/getstatus": {
        const state = tasks.get(parameters["id"] ?? "");
        if (state === undefined) return answer(2, null);
        return answer(0, {
          progress: state === "waiting" ? 40 : 100,
          status: { waiting: 1, done: 2, declined: 3 }[state],
        });
      }
      case "user/getownbalance":
        return answer(0, { balance: balance.toFixed(4), currency: "KZT" });
      default:
        return answer(/^(message|campaign|taskqueue|user)\//.test(method) ? 5 : 4, null);
    }
  }

  return {
    apiKey,
    webhookSecret,
    call({ url, body }) {
      const { pathname, searchParams } = new URL(url, "http://simulated.example");
      const method = /^\/service\/(\w+\/\w+)$/.exec(pathname)?.[1]?.toLowerCase();
      if (method === undefined) return { kind: "answer", status: 404, body: "<html>Not Found</html>" };
      counts.set(method, (counts.get(method) ?? 0) + 1);
      if (searchParams.get("output") !== "json") return answer(6, null);
      if (searchParams.get("api") !== "v1") return answer(11, { api: ["Missing"] });
      if (searchParams.get("apiKey") !== apiKey) return answer(8, null, "Login error");
      if (isTooFast()) return answer(30, null);
      const fault = faults.shift() ?? choose?.(method);
      if (fault?.kind === "code") return answer(fault.code, fault.data ?? null);
      if (fault?.kind === "page") return { kind: "answer", status: fault.status, body: "<html>Sorry</html>" };
      if (fault?.kind === "reset" && !fault.isTaken) return { kind: "reset" };
      const outcome = handle(method, Object.fromEntries(new URLSearchParams(body)), fault);
      return fault?.kind === "reset" || fault?.kind === "silence" ? { kind: fault.kind } : outcome;
    },
    fail: (...more) => void faults.push(...more),
    failBy: (by) => {
      choose = by;
    },
    sms: () => all,
    requestCount: (method) =>
      method === undefined
        ? [...counts.values()].reduce((sum, count) => sum + count, 0)
        : (counts.get(method.toLowerCase()) ?? 0),
    report(id, status) {
      const one = all.find((sms) => sms.id === id);
      if (one === undefined) throw new Error(`The simulator has no SMS ${id}`);
      one.status = status;
    },
    moderate: (isOn) => {
      isModerated = isOn;
    },
    setBalance: (sum) => {
      balance = sum;
    },
    event({ id, campaignId, segNum, status, to }, { eventId, attempt = 1, secret = webhookSecret } = {}) {
      eventCount += 1;
      const number = eventId ?? eventCount;
      const eventCreateTs = timestamp(nowMs());
      const sign = createHash("sha1")
        .update([number, attempt, eventCreateTs, secret].join("|"))
        .digest("hex");
      const data = {
        campaignId: Number(campaignId),
        messageId: Number(id),
        segNum,
        statusUpdateTs: eventCreateTs,
        status,
        to,
      };
      return JSON.stringify({
        eventId: number,
        eventType: "sms-delivery-report",
        eventCreateTs,
        webhookId: 1,
        attempt,
        data,
        sign,
      });
    },
  };
}

function answer(code: number, data: unknown, message = ""): Outcome {
  return { kind: "answer", status: 200, body: JSON.stringify({ code, data, message }) };
}
