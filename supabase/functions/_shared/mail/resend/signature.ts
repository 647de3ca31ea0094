import type { Bytes } from "../../platform/body.ts";

/** What a webhook call brings to prove itself, by the names that Svix and its standard use. */
export interface SignedCall {
  id: string | null;
  /** Seconds since 1970, as text. */
  timestamp: string | null;
  /** One or several `v1,<base64>`, separated by blanks: while a secret is replaced there are two. */
  signatures: string | null;
  body: string;
}

/** Older and younger calls are refused, so that one that was recorded is worth nothing later. */
const TOLERANCE_MS = 5 * 60_000;
/** A secret is replaced by one other, not by hundreds: each costs a comparison. */
const MAX_SIGNATURES = 10;

/** A call is Resend's, or why it is not taken for it. */
export type Verification = "valid" | "unsigned" | "stale" | "forged";

/** Reads the headers, which Svix sends under either of two prefixes. */
export function signedCall(headers: Headers, body: string): SignedCall {
  const header = (name: string) => headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`);
  return { id: header("id"), timestamp: header("timestamp"), signatures: header("signature"), body };
}

/**
 * Whether a call was signed with the secret, lately. By the platform's own HMAC, whose verify takes the same time
 * whichever byte differs; so no package is needed for it.
 */
export async function verifySignature(call: SignedCall, secret: Bytes, nowMs: number): Promise<Verification> {
  const { id, timestamp, signatures, body } = call;
  if (!id || !timestamp || !signatures) return "unsigned";
  if (!/^\d{1,12}$/.test(timestamp)) return "unsigned";
  if (Math.abs(nowMs - Number(timestamp) * 1000) > TOLERANCE_MS) return "stale";
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const signature of signatures.split(" ").slice(0, MAX_SIGNATURES)) {
    const [version, encoded = ""] = signature.split(",");
    const bytes = version === "v1" ? fromBase64(encoded) : null;
    if (bytes !== null && (await crypto.subtle.verify("HMAC", key, bytes, content))) return "valid";
  }
  return "forged";
}

/** The bytes of `whsec_<base64>`; null if it is no such secret. */
export function secretBytes(secret: string): Bytes | null {
  const bytes = fromBase64(secret.replace(/^whsec_/, ""));
  return bytes !== null && bytes.length >= 16 ? bytes : null;
}

function fromBase64(text: string): Bytes | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
