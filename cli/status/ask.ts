import { StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { fitRemedy } from "../remedy.ts";

/** Asks for the status; its remedies work as they are pasted, for the project that was asked. */
export async function askStatus({ askAdmin, target }: Context): Promise<StatusAnswer> {
  const status = await askAdmin({ action: "status" }, StatusAnswer);
  const fitted = (remedy: string | null) => (remedy === null ? null : fitRemedy(remedy, target));
  return {
    ...status,
    remedy: fitted(status.remedy),
    open_alerts: status.open_alerts.map((alert) => ({ ...alert, remedy: fitted(alert.remedy) })),
    mail: { ...status.mail, remedy: fitted(status.mail.remedy) },
  };
}
