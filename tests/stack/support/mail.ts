import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { inject } from "vitest";
import { type PageServer, startPages } from "#dev/pages/server.ts";
import { type ResendServer, startResend } from "#dev/resend-simulator/server.ts";
import type { SimulatorOptions } from "#dev/resend-simulator/simulator.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { ROOT } from "./template.ts";

/** The school's mail on this machine: database, functions under Deno, a simulated Resend, and the welcome page. */
export interface MailSystem {
  stack: Stack;
  resend: ResendServer;
  pages: PageServer;
  sql: postgres.Sql;
  /** With the secret key. */
  service: SupabaseClient;
  /** Makes an account and a student, as tripwire-students does; answers the student's id. */
  admit(email: string, fullName?: string): Promise<string>;
  /** Runs cron's tick until no mail is left on its way. */
  settled(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface MailSystemOptions {
  resend?: SimulatorOptions;
  functionEnv?: Record<string, string>;
}

/** Starts a system of its own, at a pace that only the simulator's own limit would mind. */
export async function startMailSystem(options: MailSystemOptions = {}): Promise<MailSystem> {
  const [resend, pages] = await Promise.all([
    startResend({ rateLimit: null, ...options.resend }),
    startPages(),
  ]);
  const stack = await startStack({
    root: ROOT,
    dataTemplate: inject("dataTemplate"),
    cron: false,
    functionEnv: {
      AMOCRM_ENABLED: "false",
      ...resend.functionEnv,
      WELCOME_PAGE_URL: pages.welcomeUrl,
      ...options.functionEnv,
    },
  });
  pages.workOn({
    url: stack.url,
    publishableKey: stack.publishableKey,
    courseUrl: "https://school.example/course",
  });
  const sql = postgres(stack.dbUrl(), { max: 4, onnotice: () => {} });
  await sql`alter table public.message_settings drop constraint min_interval_keeps_resends_limit`;
  await sql`update public.message_settings set min_interval_ms = 1`;
  const service = createClient(stack.url, stack.secretKey, { auth: { persistSession: false } });
  const system: MailSystem = {
    stack,
    resend,
    pages,
    sql,
    service,
    async admit(email, fullName = "Әсел Қуанышқызы") {
      const { data, error } = await service.auth.admin.createUser({ email, email_confirm: true });
      if (error !== null) throw error;
      const inserted = await service
        .from("tripwire_users")
        .insert({ user_id: data.user.id, email, full_name: fullName })
        .select("id")
        .single();
      if (inserted.error !== null) throw new Error(inserted.error.message);
      return String(inserted.data.id);
    },
    async settled(timeoutMs = 180_000) {
      await waitFor(
        "every mail to be settled",
        async () => {
          await stack.worker?.runJob("amocrm-tick");
          await stack.worker?.idle();
          const left = await sql`select id, state, last_error_code from public.message_outbox
            where state not in ('delivered', 'dead', 'superseded', 'cancelled') order by id limit 3`;
          if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)}`);
          return stack.openCallCount() === 0;
        },
        { timeoutMs },
      );
    },
    async stop() {
      await sql.end({ timeout: 1 });
      await stack.stop();
      await pages.close();
      await resend.close();
    },
  };
  return system;
}

/** Cuts waits short: what waits for a repeat or a probe is due now, and a dead drain's lease is over. */
export async function hurryMail({ sql, stack }: MailSystem): Promise<void> {
  await sql`update amocrm.outbox set next_attempt_at = clock_timestamp()
    where queue = 'message' and state in ('pending', 'uncertain') and next_attempt_at > clock_timestamp()`;
  await sql`update amocrm.queue_control set breaker_probe_at = clock_timestamp()
    where queue = 'message' and breaker_probe_at > clock_timestamp()`;
  await sql`update amocrm.queue_control set cool_off_until = null where queue = 'message'`;
  if (stack.openCallCount() === 0) {
    await sql`update amocrm.queue_control set drain_expires_at = clock_timestamp()
      where queue = 'message' and drain_expires_at > clock_timestamp()`;
  }
}
