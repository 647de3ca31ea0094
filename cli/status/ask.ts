import { StatusAnswer } from "#shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { told } from "../language/told.ts";
import { fitRemedy } from "../remedy.ts";

/** Asks for the status, in the reader's language; its remedies work as they are pasted, for the project that was asked. */
export async function askStatus({ askAdmin, target, say }: Context): Promise<StatusAnswer> {
  const status = await askAdmin({ action: "status" }, StatusAnswer);
  const said = <T extends string | null>(text: T): string | T => (text === null ? text : say(told(text)));
  const fitted = <T extends string | null>(remedy: T): string | T =>
    remedy === null ? remedy : say(fitRemedy(told(remedy), target));
  const { health, quarantine, mail } = status;
  return {
    ...status,
    problem: said(status.problem),
    remedy: fitted(status.remedy),
    health: {
      ...health,
      problem: said(health.problem),
      remedy: fitted(health.remedy),
      notice: health.notice?.split("\n").map(said).join("\n") ?? null,
    },
    open_alerts: status.open_alerts.map((alert) => ({
      ...alert,
      detail: said(alert.detail),
      remedy: fitted(alert.remedy),
    })),
    quarantine: quarantine === null ? null : { ...quarantine, remedy: fitted(quarantine.remedy) },
    mail: { ...mail, problem: said(mail.problem), remedy: fitted(mail.remedy), notice: said(mail.notice) },
  };
}
