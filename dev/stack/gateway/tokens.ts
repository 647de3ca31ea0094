import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { z } from "zod";

/** The claims of a checked token; `role` is the database role that the Data API takes on. */
export interface Claims {
  role: string;
  sub?: string | undefined;
  exp?: number | undefined;
  session_id?: string | undefined;
  [name: string]: unknown;
}

/** Why a token was refused. */
export type TokenFault = "malformed" | "signature" | "expired";

const headerSchema = z.object({ alg: z.string() });
const claimsSchema = z.looseObject({
  role: z.string().default("anon"),
  sub: z.string().optional(),
  exp: z.number().optional(),
  session_id: z.string().optional(),
});

/** PostgREST accepts a token this long after its expiry, for clocks that differ. */
const CLOCK_SKEW_SECONDS = 30;

const encodePart = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decodePart = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));

/**
 * Signs and checks tokens as a new hosted project does: HS256 with the legacy secret for the two old-style keys,
 * ES256 with a published key for the users' own.
 */
export class Tokens {
  readonly #secret: string;
  readonly #keyId = randomUUID();
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(secret: string) {
    this.#secret = secret;
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#privateKey = pair.privateKey;
    this.#publicKey = pair.publicKey;
  }

  hs256(claims: object): string {
    const signed = `${encodePart({ alg: "HS256", typ: "JWT" })}.${encodePart(claims)}`;
    return `${signed}.${this.#hmac(signed).toString("base64url")}`;
  }

  es256(claims: object): string {
    const signed = `${encodePart({ alg: "ES256", kid: this.#keyId, typ: "JWT" })}.${encodePart(claims)}`;
    const key = { key: this.#privateKey, dsaEncoding: "ieee-p1363" } as const;
    return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
  }

  /** The public half, as /auth/v1/.well-known/jwks.json and SUPABASE_JWKS give it. */
  jwks(): { keys: object[] } {
    const jwk = this.#publicKey.export({ format: "jwk" });
    return { keys: [{ ...jwk, alg: "ES256", kid: this.#keyId, use: "sig", key_ops: ["verify"] }] };
  }

  /** The claims, or why the token is refused; `nowSeconds` is Unix time. */
  check(token: string, nowSeconds: number): Claims | TokenFault {
    const [head, payload, signature, ...more] = token.split(".");
    if (!head || !payload || !signature || more.length > 0) return "malformed";
    try {
      const { alg } = headerSchema.parse(decodePart(head));
      const given = Buffer.from(signature, "base64url");
      if (!this.#isSigned(alg, `${head}.${payload}`, given)) return "signature";
      const claims = claimsSchema.parse(decodePart(payload));
      const isExpired = claims.exp !== undefined && claims.exp < nowSeconds - CLOCK_SKEW_SECONDS;
      return isExpired ? "expired" : claims;
    } catch {
      return "malformed";
    }
  }

  #hmac(text: string): Buffer {
    return createHmac("sha256", this.#secret).update(text).digest();
  }

  #isSigned(alg: string, text: string, given: Buffer): boolean {
    if (alg === "HS256") {
      const wanted = this.#hmac(text);
      return wanted.length === given.length && timingSafeEqual(wanted, given);
    }
    const key = { key: this.#publicKey, dsaEncoding: "ieee-p1363" } as const;
    return alg === "ES256" && verify("sha256", Buffer.from(text), key, given);
  }
}
