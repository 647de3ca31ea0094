import type { z } from "zod";
import { ErrorAnswer } from "../supabase/functions/_shared/admin/answer.ts";
import type { AdminRequestInput } from "../supabase/functions/_shared/admin/request.ts";
import { EXIT, Failure } from "./failure.ts";
import type { Target } from "./target.ts";

/** The platform ends a call of a function after 150 s. */
const CALL_TIMEOUT_MS = 150_000;

/** Asks amocrm-admin of a project. */
export type AskAdmin = <T>(request: AdminRequestInput, answer: z.ZodType<T>) => Promise<T>;

/** Over HTTP; every way to fail becomes a Failure with a remedy, and none of them holds the key. */
export function createAdminClient(target: Target, fetch: typeof globalThis.fetch): AskAdmin {
  const url = `${target.url}/functions/v1/amocrm-admin`;
  return async (request, answer) => {
    const { status, body } = await post(url, target, request, fetch);
    if (status !== 200) throw refusal(status, body, url, target);
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new Failure(
      "unexpected_answer",
      `${url} answered something else than amocrm-admin of this version does`,
      "Deploy the functions of this version: npx supabase functions deploy",
    );
  };
}

async function post(
  url: string,
  target: Target,
  request: AdminRequestInput,
  fetch: typeof globalThis.fetch,
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { apikey: target.secretKey, "content-type": "application/json" },
      body: JSON.stringify(request),
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    return { status: response.status, body: parseJson(await response.text()) };
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new Failure("timeout", `${url} did not answer in ${CALL_TIMEOUT_MS / 1000} s`, "Try again");
    }
    throw new Failure(
      "unreachable",
      `No connection to ${target.url}${causeOf(error)}`,
      connectionRemedy(target),
    );
  }
}

/** Node's code for what went wrong, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? ` (${cause.code})` : "";
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
      return new Failure(code, `${target.url} refuses the secret key`, keyRemedy(target));
    case 403:
      return new Failure(code, told, "Use a secret key of the project");
    case 404:
      return new Failure(
        code,
        `There is no amocrm-admin at ${url}`,
        "Check SUPABASE_URL, and deploy the functions: npx supabase functions deploy",
      );
    case 503:
      return new Failure(
        code,
        `amocrm-admin does not start: ${told}`,
        "See the logs of the function amocrm-admin",
      );
    default:
      return new Failure(code, `amocrm-admin failed (${status}): ${told}`, serverRemedy(told));
  }
}

function keyRemedy({ kind, origin }: Target): string {
  return kind === "local"
    ? `${origin} is out of date: start npm run dev again`
    : "SUPABASE_SECRET_KEY must be a secret key of this project (sb_secret_…, not the service_role JWT)";
}

function serverRemedy(told: string): string {
  // PostgREST's codes for a table or a function that it does not know.
  return /PGRST20[25]|42P01|42883/.test(told)
    ? "The migrations are not all there: npx supabase db push"
    : "See the logs of the function amocrm-admin";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
