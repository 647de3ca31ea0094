import type { z } from "zod";
import { ErrorAnswer } from "../supabase/functions/_shared/admin/answer.ts";
import type { AdminRequestInput } from "../supabase/functions/_shared/admin/request.ts";
import { adminUrl, CALL_TIMEOUT_MS, callAdmin } from "./admin-call.ts";
import { EXIT, Failure } from "./failure.ts";
import type { Target } from "./target.ts";

/** Asks amocrm-admin of a project. */
export type AskAdmin = <T>(request: AdminRequestInput, answer: z.ZodType<T>) => Promise<T>;

/** Over HTTP; every way to fail becomes a Failure with a remedy, and none of them holds the key. */
export function createAdminClient(target: Target, fetch: typeof globalThis.fetch): AskAdmin {
  const url = adminUrl(target);
  return async (request, answer) => {
    const { status, body } = await answered(url, target, request, fetch);
    if (status !== 200) throw refusal(status, body, url, target);
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new Failure(
      "unexpected_answer",
      `${url} answered something else than amocrm-admin of this version does`,
      "Deploy the functions of this version: npx supabase functions deploy",
      EXIT.unreached,
    );
  };
}

async function answered(
  url: string,
  target: Target,
  request: AdminRequestInput,
  fetch: typeof globalThis.fetch,
): Promise<{ status: number; body: unknown }> {
  const call = await callAdmin(target, request, fetch);
  switch (call.kind) {
    case "answered":
      return call;
    case "timeout":
      throw notReached("timeout", `${url} did not answer in ${CALL_TIMEOUT_MS / 1000} s`, "Try again");
    case "unreachable":
      throw notReached(
        "unreachable",
        `No connection to ${target.url}${call.code === null ? "" : ` (${call.code})`}`,
        connectionRemedy(target),
      );
  }
}

function connectionRemedy({ kind, origin }: Target): string {
  return kind === "local"
    ? `The stack of ${origin} no longer runs: npm run dev`
    : "Check SUPABASE_URL and the network; a paused project is woken up in the dashboard";
}

function refusal(status: number, body: unknown, url: string, target: Target): Failure {
  const parsed = ErrorAnswer.safeParse(body);
  const code = parsed.success ? parsed.data.code : `http_${status}`;
  const told = parsed.success ? parsed.data.message : `the answer was ${status}`;
  switch (status) {
    case 400:
    case 413:
      return new Failure(code, told, "amocrm <command> --help shows what is expected", EXIT.usage);
    case 401:
      return notReached(code, `${target.url} refuses the secret key`, keyRemedy(target));
    case 403:
      return notReached(code, told, "Use a secret key of the project");
    case 404:
      return notReached(
        code,
        `There is no amocrm-admin at ${url}`,
        "Check SUPABASE_URL, and deploy the functions: npx supabase functions deploy",
      );
    case 503:
      return notReached(
        code,
        `amocrm-admin does not start: ${told}`,
        "See the logs of the function amocrm-admin",
      );
    default:
      return notReached(code, `amocrm-admin failed (${status}): ${told}`, serverRemedy(told));
  }
}

/** The project could not be asked: what was to be known or done is open. */
function notReached(code: string, message: string, remedy: string): Failure {
  return new Failure(code, message, remedy, EXIT.unreached);
}

function keyRemedy({ kind, origin }: Target): string {
  return kind === "local"
    ? `${origin} is out of date: start npm run dev again`
    : "SUPABASE_SECRET_KEY must be a secret key of this project (sb_secret_…, not the service_role JWT)";
}

function serverRemedy(told: string): string {
  return lacksMigrations(told)
    ? "The migrations are not all there: npx supabase db push"
    : "See the logs of the function amocrm-admin";
}

/** PostgREST's and Postgres's codes for a table or a function that they do not know. */
export function lacksMigrations(told: string): boolean {
  return /PGRST20[25]|42P01|42883/.test(told);
}
