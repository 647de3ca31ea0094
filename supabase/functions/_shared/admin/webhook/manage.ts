import { lookAtSubscription, type Managed, rotate, switchOff } from "../../amocrm/webhook.ts";
import type { WebhookAnswer } from "./answer.ts";
import type { WebhookPorts } from "./port.ts";
import type { WebhookRequest } from "./request.ts";

/** Makes, removes or looks at the subscription to amoCRM's hooks. */
export async function manageWebhook(
  { mode }: WebhookRequest,
  { account, hooks, secrets }: WebhookPorts,
): Promise<WebhookAnswer> {
  const answer = async (
    subscription: WebhookAnswer["subscription"],
    problem: WebhookAnswer["problem"] = null,
  ): Promise<WebhookAnswer> => ({ mode, subscription, problem, status: await hooks.status() });
  const { askAside, hindrance } = account;
  const wasOn = (await hooks.read()).state !== "off";
  const before = wasOn ? "unknown" : "off";
  if (mode === "status" && !wasOn) return answer("off");
  if (askAside === null) {
    const { verdict = "unconfigured", message = "" } = hindrance ?? {};
    return answer(before, { code: verdict, message });
  }
  const ports = { ask: askAside, store: hooks, secrets };
  const failed = (done: Extract<Managed<unknown>, { ok: false }>) =>
    answer(before, { code: done.code, message: done.message });
  switch (mode) {
    case "on": {
      const done = await rotate(ports);
      return done.ok ? answer("on") : failed(done);
    }
    case "off": {
      const done = await switchOff(ports);
      return done.ok ? answer("off") : failed(done);
    }
    case "status": {
      const seen = await lookAtSubscription(ports);
      return seen.ok ? answer(seen.value) : failed(seen);
    }
  }
}
