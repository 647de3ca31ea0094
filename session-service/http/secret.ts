import { createHash, timingSafeEqual } from "node:crypto";

const BEARER = /^Bearer +(\S+)$/i;

/** Whether an Authorization header shows the secret; how long that takes tells nothing of how much of it was right. */
export function showsSecret(authorization: string | null, secret: string): boolean {
  const shown = BEARER.exec(authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digestOf(shown), digestOf(secret)) && shown !== "";
}

/** Two digests have one length, whatever the texts have. */
function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
