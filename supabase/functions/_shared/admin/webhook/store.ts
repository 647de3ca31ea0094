import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import { WebhookAnswer } from "./answer.ts";
import type { WebhookPorts } from "./port.ts";

const Report = z.object({ status: WebhookAnswer.shape.status });

/** What the admin reads of the subscription. */
export function createHookReport(rpc: Rpc): Pick<WebhookPorts["hooks"], "status"> {
  return {
    async status() {
      return Report.parse(await rpc("amocrm_webhook_report")).status;
    },
  };
}
