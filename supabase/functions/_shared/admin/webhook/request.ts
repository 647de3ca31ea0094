import { z } from "zod";

/** The subscription to amoCRM's hooks. `on` makes it, or gives it a new secret; `status` changes nothing. */
export const WebhookRequest = z.strictObject({
  action: z.literal("webhook"),
  mode: z.enum(["on", "off", "status"]),
});
export type WebhookRequest = z.output<typeof WebhookRequest>;
