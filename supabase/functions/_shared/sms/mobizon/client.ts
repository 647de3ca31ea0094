import { z } from "zod";
import type { Slots } from "../../outbox/slots.ts";
import type { Clock } from "../../platform/clock.ts";
import { exchange, type Fetch, oneShotBody, USER_AGENT } from "../../platform/http.ts";
import { storable } from "../../platform/storable.ts";
import type { SmsService, TaskState } from "../port.ts";
import type { SmsAnswer, SmsFailed } from "../verdict.ts";
import { classify, Id, type Taken, unexpected } from "./classify.ts";
import { look } from "./look.ts";

const TIMEOUT_MS = 15_000;
/** The states of a task, by Mobizon's number. */
const TASK_STATES: readonly TaskState[] = ["waiting", "waiting", "done", "declined"];
/** Waiting for a moderator. */
const MODERATED = "1";

export interface MobizonParts {
  /** Without a slash at the end. */
  baseUrl: string;
  apiKey: string;
  fetch: Fetch;
  slots: Slots;
  clock: Clock;
}

/** A call by module and method; `purpose` is what the pace and the guard call it. */
export type Call = (
  method: string,
  purpose: string,
  parameters: Record<string, string>,
) => Promise<Taken | SmsFailed>;

const Sent = z.looseObject({ campaignId: Id, messageId: Id, status: Id.optional().catch(undefined) });
const Statuses = z.array(z.looseObject({ id: Id, status: z.string().max(40) }));
const Balance = z.looseObject({ balance: z.coerce.number(), currency: z.string().max(10).catch("") });
const Task = z.looseObject({ status: z.coerce.number() });

/** Mobizon's HTTP API. The key stands in the address, so an address is never logged and appears in no error. */
export function createMobizon(parts: MobizonParts): SmsService {
  const call: Call = async (method, purpose, parameters) =>
    classify(await post(parts, method, purpose, parameters));
  return {
    async send({ recipient, text, sender, name }) {
      const answer = await call("message/sendSmsMessage", "send_sms", {
        recipient,
        text: storable(text),
        ...(sender === null ? {} : { from: sender }),
        "params[name]": name,
      });
      if ("fault" in answer) return answer;
      if (answer.taken === "task") return delivered({ taskId: answer.taskId });
      const sent = Sent.safeParse(answer.data);
      if (!sent.success) return unexpected();
      const { campaignId, messageId, status } = sent.data;
      return delivered({ campaignId, mobizonId: messageId, isModerated: status === MODERATED });
    },
    look: (sought) => look(sought, call),
    async taskState(taskId) {
      const answer = await call("taskqueue/getStatus", "sms_task", { id: taskId });
      if ("fault" in answer) return answer.fault.code === "sms_refused" ? delivered("unknown") : answer;
      const task = Task.safeParse("data" in answer ? answer.data : undefined);
      return delivered((task.success ? TASK_STATES[task.data.status] : undefined) ?? "unknown");
    },
    async statuses(ids) {
      const listed = Object.fromEntries(ids.map((id, index) => [`ids[${index}]`, id]));
      const answer = await call("message/getSMSStatus", "sms_reports", listed);
      if ("fault" in answer) return answer;
      const statuses = Statuses.safeParse("data" in answer ? answer.data : undefined);
      return statuses.success ? delivered(statuses.data) : unexpected();
    },
    async balance() {
      const answer = await call("user/getOwnBalance", "sms_balance", {});
      if ("fault" in answer) return answer;
      const balance = Balance.safeParse("data" in answer ? answer.data : undefined);
      return balance.success ? delivered(balance.data) : unexpected();
    },
  };
}

function delivered<Value>(value: Value): SmsAnswer<Value> {
  return { verdict: "delivered", value };
}

async function post(
  parts: MobizonParts,
  method: string,
  purpose: string,
  parameters: Record<string, string>,
): Promise<Parameters<typeof classify>[0]> {
  const slot = await parts.slots.take(purpose);
  if (!slot.granted) return { kind: "not_sent", code: slot.code, message: slot.message };
  const query = new URLSearchParams({ output: "json", api: "v1", apiKey: parts.apiKey });
  return await exchange(
    parts,
    `${parts.baseUrl}/service/${method}?${query}`,
    {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "User-Agent": USER_AGENT },
      // Never repeated by the runtime: a second request is a second SMS.
      body: oneShotBody(new URLSearchParams(parameters).toString()),
    },
    TIMEOUT_MS,
  );
}
