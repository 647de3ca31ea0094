import type { Bytes } from "./body.ts";

/**
 * Whether a secret that was told is ours, in the same time wherever they differ: both are signed with a key of the moment,
 * and the platform compares the signatures.
 */
export async function isSameSecret(told: string, ours: string): Promise<boolean> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(ours));
  return await crypto.subtle.verify("HMAC", key, signature, encoder.encode(told));
}

/** Whether hexadecimal digits are the HMAC of a body, by the platform's own comparison. */
export async function isHmacOf(
  hex: string,
  hash: "SHA-1" | "SHA-256",
  secret: string,
  body: Bytes,
): Promise<boolean> {
  const length = hash === "SHA-1" ? 40 : 64;
  if (hex.length !== length || !/^[0-9a-f]+$/i.test(hex)) return false;
  const given = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash },
    false,
    ["verify"],
  );
  return await crypto.subtle.verify("HMAC", key, given, body);
}
