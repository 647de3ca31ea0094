import type { z } from "zod";
import { ErrorAnswer } from "#shared/admin/answer.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { filled, type Text } from "#shared/platform/text.ts";
import { adminUrl, CALL_TIMEOUT_MS, callAdmin } from "./admin-call.ts";
import { EXIT, Failure } from "./failure.ts";
import { kindOfKey } from "./key-kind.ts";
import { told } from "./language/told.ts";
import type { Target } from "./target.ts";
import { PROJECT } from "./words/project.ts";

/** Asks amocrm-admin of a project. */
export type AskAdmin = <T>(request: AdminRequestInput, answer: z.ZodType<T>) => Promise<T>;

/** Over HTTP; every way to fail becomes a Failure with a remedy, and none of them holds the key. */
export function createAdminClient(target: Target, fetch: typeof globalThis.fetch): AskAdmin {
  const url = adminUrl(target);
  return async (request, answer) => {
    const { status, body } = await answered(url, target, request, fetch);
    if (status !== 200) throw refusal(status, body, request.action, url, target);
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new Failure(
      "unexpected_answer",
      filled(PROJECT.otherVersion, { url }),
      PROJECT.deploy,
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
      throw notReached(
        "timeout",
        filled(PROJECT.timeout, { url, seconds: CALL_TIMEOUT_MS / 1000 }),
        PROJECT.tryAgain,
      );
    case "unreachable":
      throw notReached(
        "unreachable",
        filled(PROJECT.noConnection, { url: target.url, code: call.code === null ? "" : ` (${call.code})` }),
        target.kind === "local" ? filled(PROJECT.stackGone, { origin: target.origin }) : PROJECT.checkUrl,
      );
  }
}

function refusal(status: number, body: unknown, action: string, url: string, target: Target): Failure {
  const parsed = ErrorAnswer.safeParse(body);
  const code = parsed.success ? parsed.data.code : `http_${status}`;
  const text = parsed.success ? told(parsed.data.message) : filled(PROJECT.status, { status });
  switch (status) {
    case 400:
    case 413:
      return new Failure(code, text, filled(PROJECT.expected, { command: commandOf(action) }), EXIT.usage);
    case 401:
      return notReached(code, filled(keyTexts(target), { url: target.url }), keyRemedy(target));
    case 403:
      return notReached(code, text, PROJECT.useSecretKey);
    case 404:
      return notReached(code, filled(PROJECT.noFunction, { url }), PROJECT.noFunctionRemedy);
    case 503:
      return notReached(code, filled(PROJECT.notStarting, { told: text }), logsOf(target));
    default:
      return notReached(
        code,
        filled(PROJECT.failed, { status, told: text }),
        lacksMigrations(text.en) ? PROJECT.migrations : logsOf(target),
      );
  }
}

/** The project could not be asked: what was to be known or done is open. */
function notReached(code: string, says: Text, remedy: Text): Failure {
  return new Failure(code, says, remedy, EXIT.unreached);
}

/** The command that asks for an action: requeue_dead is requeue's, choices is setup's. */
function commandOf(action: string): string {
  const others: Readonly<Record<string, string>> = { choices: "setup", connection: "connect" };
  return others[action] ?? action.split("_")[0] ?? action;
}

/** What is wrong with a key that was refused, as far as it can be seen. */
function keyTexts({ secretKey }: Target): Text {
  const texts = {
    publishable: PROJECT.keyPublishable,
    anon: PROJECT.keyAnon,
    service_role: PROJECT.keyServiceRole,
  };
  const kind = kindOfKey(secretKey);
  return kind === "secret" || kind === "odd" ? PROJECT.keyRefused : texts[kind];
}

function keyRemedy({ kind, origin }: Target): Text {
  return kind === "local" ? filled(PROJECT.stackOld, { origin }) : PROJECT.ownKey;
}

/** A local stack that was just told new variables starts its functions anew, which takes a moment. */
function logsOf({ kind }: Target): Text {
  return kind === "local" ? PROJECT.localLogs : PROJECT.logs;
}

/** PostgREST's and Postgres's codes for a table or a function that they do not know. */
export function lacksMigrations(text: string): boolean {
  return /PGRST20[25]|42P01|42883/.test(text);
}
