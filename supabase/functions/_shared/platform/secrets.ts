import type { SecretBytes } from "./clock.ts";

/** Port: chance and its traces. */
export interface Secrets {
  make(): string;
  hash(secret: string): Promise<string>;
}

const SECRET_BYTES = 32;

/**
 * Secrets of 256 bits in base64url, and their SHA-256 in hexadecimal. Looking one up by its hash tells nothing by how long
 * it takes, since nobody can choose a hash; and a secret of this length needs no salt and no slow function.
 */
export function createSecrets(secretBytes: SecretBytes): Secrets {
  return {
    make() {
      const text = btoa(String.fromCharCode(...secretBytes(SECRET_BYTES)));
      return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    },
    hash: sha256Of,
  };
}

/** SHA-256 in hexadecimal. */
export async function sha256Of(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
