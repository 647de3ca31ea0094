import type { AccountAccess } from "../../amocrm/access.ts";
import type { SubscriptionStore } from "../../amocrm/webhook.ts";
import type { Secrets } from "../../platform/secrets.ts";
import type { WebhookAnswer } from "./answer.ts";

/** What managing the subscription needs. */
export interface WebhookPorts {
  account: AccountAccess;
  hooks: SubscriptionStore & { status(): Promise<WebhookAnswer["status"]> };
  secrets: Secrets;
}
