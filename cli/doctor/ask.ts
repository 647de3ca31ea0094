import { ErrorAnswer } from "#shared/admin/answer.ts";
import { DoctorAnswer, type Finding, finding } from "#shared/admin/answers.ts";
import { type AdminCall, adminUrl, callAdmin } from "../admin-call.ts";
import { lacksMigrations } from "../admin-client.ts";
import type { Target } from "../target.ts";

/** Clocks of two machines that differ by less are the network's doing. */
const CLOCK_TOLERANCE_MS = 30_000;

/** Asks amocrm-admin for its findings. If it cannot be asked, that is the finding, and that the rest is not known. */
export async function askFindings(
  target: Target,
  fetch: typeof globalThis.fetch,
  nowMs: () => number,
): Promise<Finding[]> {
  const sentAtMs = nowMs();
  const call = await callAdmin(target, { action: "doctor" }, fetch);
  const receivedAtMs = nowMs();
  const answer = call.kind === "answered" && call.status === 200 ? DoctorAnswer.safeParse(call.body) : null;
  if (answer?.success !== true) return [fault(call, target), finding("rest_unasked")];
  const { findings, started_at_ms: startedAtMs, ended_at_ms: endedAtMs } = answer.data;
  // As time servers do it: what the way there and back takes cancels out.
  const aheadMs = (sentAtMs - startedAtMs + (receivedAtMs - endedAtMs)) / 2;
  const isOff = Math.abs(aheadMs) > CLOCK_TOLERANCE_MS;
  return isOff
    ? [finding("command_clock_off", { seconds: Math.round(aheadMs / 1000) }), ...findings]
    : findings;
}

function fault(call: AdminCall, target: Target): Finding {
  switch (call.kind) {
    case "timeout":
      return finding("functions_timeout");
    case "unreachable":
      return connectionFault(call.code, target);
    case "answered":
      return refusal(call, target);
  }
}

function connectionFault(code: string | null, { kind, url, origin }: Target): Finding {
  const host = new URL(url).host;
  const reason = code ?? "fetch failed";
  if (kind === "local") return finding("stack_gone", { file: origin });
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return finding("host_unknown", { host });
  if (code === "ECONNREFUSED") return finding("host_refuses", { host });
  if (/CERT|TLS|SSL|SELF_SIGNED|VERIFY|ISSUER/.test(reason)) return finding("host_tls", { host, reason });
  return finding("host_unreachable", { host, reason });
}

function refusal({ status, body }: Extract<AdminCall, { kind: "answered" }>, target: Target): Finding {
  const told = ErrorAnswer.safeParse(body);
  switch (status) {
    case 200:
    case 400:
      // It does not know what it is asked for, or the words of the answer are of another version.
      return finding("functions_old");
    case 401:
      return finding("functions_key_refused");
    case 403:
      return finding("functions_forbidden");
    case 404:
      return finding("functions_missing", { url: adminUrl(target) });
    case 503:
      return finding("functions_do_not_start");
    default:
      return told.success && lacksMigrations(told.data.message)
        ? finding("migrations_missing")
        : finding("functions_failed", { status });
  }
}
