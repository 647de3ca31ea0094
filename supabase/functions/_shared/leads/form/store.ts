import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { FormStore, Refusal } from "./port.ts";

const DatabaseError = z.object({
  code: z.string(),
  message: z.string(),
  details: z.string().nullish(),
  hint: z.string().nullish(),
});

/** Leads of visitors over the named function of the database, as service_role. */
export function createFormStore(rpc: Rpc): FormStore {
  return {
    async save({ lead, addressHeaders, hasCaptcha }) {
      const visit = { p_lead: lead, p_headers: addressHeaders, p_has_captcha: hasCaptcha };
      try {
        await rpc("amocrm_form_submit", visit);
        return { state: "saved" };
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === null) throw error;
        return { state: "refused", refusal };
      }
    },
  };
}

/** The answer that the Data API gives to the same insert; null for what is not the visitor's to mend. */
function refusalOf(error: unknown): Refusal | null {
  const fault = DatabaseError.safeParse(error instanceof Error ? error.cause : null);
  if (!fault.success) return null;
  const { code, message, details = null, hint = null } = fault.data;
  const status = statusOf(code);
  return status === null ? null : { status, code, message, details, hint };
}

function statusOf(code: string): number | null {
  const [, named] = /^PT(4\d\d)$/.exec(code) ?? [];
  if (named !== undefined) return Number(named);
  if (code === "23505") return 409;
  return /^(22|23)/.test(code) ? 400 : null;
}
