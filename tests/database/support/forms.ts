import { createIntakeStore } from "#shared/leads/adapters.ts";
import { answerIntake } from "#shared/leads/intake.ts";
import type { Session, TestDatabase } from "./database.ts";
import { openRpc } from "./rpc.ts";

interface Added {
  id: string;
  key: string;
}

/** Places whose forms post, and posting to them through the function's own code, as service_role. */
export interface Forms {
  service: Session;
  add(kind: string, source?: string, map?: Record<string, string>): Promise<Added>;
  /** Answers the status; an object is sent as JSON. */
  post(key: string, body: string | object, type?: string): Promise<number>;
  leads(): Promise<Record<string, unknown>[]>;
  kept(): Promise<Record<string, unknown>[]>;
  unmapped(): Promise<Record<string, unknown>[]>;
}

export async function openForms(database: TestDatabase): Promise<Forms> {
  const { sql } = database;
  const service = database.connect({ user: "authenticator", role: "service_role" });
  const store = createIntakeStore(await openRpc(service));
  return {
    service,
    async add(kind, source = "landing", map = {}) {
      const [row] = await service<
        Added[]
      >`select * from form_source_add(${kind}, ${source}, ${sql.json(map)})`;
      if (row === undefined) throw new Error("form_source_add answered nothing");
      return row;
    },
    async post(key, body, type) {
      const isText = typeof body === "string";
      const request = new Request(`https://p.supabase.co/functions/v1/form-intake/${key}`, {
        method: "POST",
        headers: {
          "content-type": type ?? (isText ? "application/x-www-form-urlencoded" : "application/json"),
        },
        body: isText ? body : JSON.stringify(body),
      });
      return (await answerIntake(request, { store, log: () => {} })).status;
    },
    leads: () => sql`select full_name, email, phone, source, utm_source, utm_campaign, metadata, consent_at
      from unified_lead_tracking order by created_at, full_name`,
    kept: () => sql`select state, body, error from amocrm.inbox where source = 'forms' order by id`,
    unmapped: () => service`select reason, fields, source from amocrm_unmapped_forms`,
  };
}
