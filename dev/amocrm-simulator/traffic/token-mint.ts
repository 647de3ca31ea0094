import type { Ports } from "../ports.ts";

const HEX = "0123456789abcdef";

/** What an access token says about itself. */
export interface AccessClaims {
  format: "jwt" | "opaque";
  clientId: string;
  userId: number;
  issuedAt: number;
  expiresAt: number;
}

/** Makes the texts of tokens and codes. They look like amoCRM's, but carry no real signature. */
export class TokenMint {
  readonly #ports: Ports;
  readonly #account: { id: number; base_domain: string };

  constructor(ports: Ports, account: { id: number; base_domain: string }) {
    this.#ports = ports;
    this.#account = account;
  }

  /** Hexadecimal digits from the randomness port, so that a seeded run names its tokens alike. */
  hex(length: number): string {
    let digits = "";
    for (let place = 0; place < length; place++) digits += HEX[Math.floor(this.#ports.random() * 16)];
    return digits;
  }

  code(): string {
    return `def502${this.hex(90)}`;
  }

  refresh(): string {
    return `def502${this.hex(90)}`;
  }

  /** A JWT with the claims amocrm-api 1.4 lists, or an opaque text for clients that must not look inside. */
  access(claims: AccessClaims): string {
    if (claims.format === "opaque") return `sim.acc.${this.hex(64)}`;
    const payload = {
      aud: claims.clientId,
      jti: this.hex(64),
      iat: claims.issuedAt,
      nbf: claims.issuedAt,
      exp: claims.expiresAt,
      sub: String(claims.userId),
      grant_type: "",
      account_id: this.#account.id,
      base_domain: this.#account.base_domain,
      version: 2,
      scopes: ["crm", "files", "files_delete", "notifications", "push_notifications"],
      api_domain: `api-a.${this.#account.base_domain}`,
    };
    const header = { typ: "JWT", alg: "RS256", jti: payload.jti };
    return [header, payload]
      .map((part) => base64url(JSON.stringify(part)))
      .join(".")
      .concat(`.${this.hex(86)}`);
  }
}

function base64url(written: string): string {
  return btoa(written).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
