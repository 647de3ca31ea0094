import { beforeEach, describe, expect, it } from "vitest";
import { type CallbackPorts, type CallbackQuery, takeConsent } from "#shared/amocrm/oauth/callback.ts";
import type { AccountIdentity, KnownAccount } from "#shared/amocrm/oauth/port.ts";
import type { TokenVerdict } from "#shared/amocrm/tokens/port.ts";

const ORIGIN = "https://company.amocrm.ru";
const ACCOUNT_ID = 5550001;
const IDENTITY: AccountIdentity = { id: ACCOUNT_ID, name: "Company", subdomain: "company" };
const KNOWN: KnownAccount = {
  state: "reauth_required",
  access: "oauth",
  host: ORIGIN,
  accountId: ACCOUNT_ID,
  subdomain: "company",
  accessExpiresAt: null,
  refreshExpiresAt: null,
  connectedAt: "2031-05-05T12:00:00Z",
};
const QUERY: CallbackQuery = {
  code: "code",
  state: "state",
  referer: "company.amocrm.ru",
  clientId: "client",
  isDenied: false,
};

const jwt = (claims: object): string => `x.${btoa(JSON.stringify(claims))}.y`;
const issued = (accessToken: string): TokenVerdict => ({
  verdict: "issued",
  pair: { accessToken, refreshToken: "refresh", expiresInSeconds: 86_400 },
});

let steps: string[];
let exchange: TokenVerdict;
let identity: AccountIdentity | null;
let known: KnownAccount | null;
let use: Awaited<ReturnType<CallbackPorts["consents"]["useState"]>>;
let configuredOrigin: string | null;
let isStoreDown: boolean;

beforeEach(() => {
  steps = [];
  exchange = issued(jwt({ account_id: ACCOUNT_ID }));
  identity = IDENTITY;
  known = null;
  use = { outcome: "granted", allowsSwitch: false };
  configuredOrigin = null;
  isStoreDown = false;
});

const take = (query: Partial<CallbackQuery> = {}) =>
  takeConsent(
    { ...QUERY, ...query },
    {
      integration: {
        state: "ready",
        clientId: "client",
        consentOrigin: ORIGIN,
        baseUrl: null,
        configuredOrigin,
      },
      secrets: { make: () => "made", hash: async (secret) => `hash of ${secret}` },
      consents: {
        makeLink: async () => ({ id: 1, expiresAt: "" }),
        begin: async () => "begun",
        link: async () => null,
        async useState(hash) {
          steps.push(`use ${hash}`);
          return use;
        },
        async end(_hash, outcome) {
          steps.push(`end ${outcome}`);
        },
      },
      connections: {
        known: async () => known,
        async connect(_pair, origin, { id }) {
          if (isStoreDown) throw new Error("the database is down");
          steps.push(`store ${origin} ${id}`);
          return "2031-08-05T12:00:00Z";
        },
        async note({ subdomain }) {
          steps.push(`note ${subdomain}`);
        },
        async leave() {
          steps.push("leave");
        },
      },
      endpoint: {
        async exchange(origin, code) {
          steps.push(`exchange ${origin} ${code}`);
          return exchange;
        },
      },
      async identify() {
        steps.push("identify");
        return identity;
      },
    },
  );
const codeOf = (result: Awaited<ReturnType<typeof take>>) => (result.ok ? "connected" : result.code);

describe("a consent", () => {
  it("is exchanged, stored before its first use, and then identified", async () => {
    expect(await take()).toMatchObject({
      ok: true,
      facts: { host: "company.amocrm.ru", accountId: ACCOUNT_ID, accountName: "Company", isSwitched: false },
    });
    expect(steps).toEqual([
      "use hash of state",
      `exchange ${ORIGIN} code`,
      `store ${ORIGIN} ${ACCOUNT_ID}`,
      "identify",
      "note company",
      "end connected",
    ]);
  });

  it.each<[Partial<CallbackQuery>, string]>([
    [{ isDenied: true }, "denied"],
    [{ isDenied: true, state: null }, "denied"],
    [{ state: null }, "state_unknown"],
    [{ clientId: "other" }, "wrong_integration"],
    [{ code: null }, "malformed"],
    [{ referer: null }, "malformed"],
    [{ referer: "evil-amocrm.ru" }, "wrong_referer"],
  ])("that is %j is refused without touching anything", async (query, code) => {
    expect(codeOf(await take(query))).toBe(code);
    expect(steps).toEqual([]);
  });

  it.each(["unknown", "used", "expired"] as const)(
    "whose state is %s asks amoCRM nothing",
    async (outcome) => {
      use = { outcome };
      expect(codeOf(await take())).toBe(`state_${outcome}`);
      expect(steps).toEqual(["use hash of state"]);
    },
  );

  it("without a client_id is taken: not every amoCRM sends it", async () => {
    expect(codeOf(await take({ clientId: null }))).toBe("connected");
  });
});

describe("the exchange", () => {
  const hindered = (code: string): TokenVerdict => ({ verdict: "hindered", code, message: "", waitMs: 1 });
  it.each<[TokenVerdict, string]>([
    [{ verdict: "refused", code: "token_invalid", message: "" }, "code_refused"],
    [{ verdict: "lost", code: "timeout", message: "" }, "amocrm_unavailable"],
    [hindered("client_refused"), "integration_refused"],
    [hindered("wrong_host"), "integration_refused"],
    [hindered("account_blocked"), "account_blocked"],
    [hindered("unpaid"), "unpaid"],
    [hindered("connection_failed"), "amocrm_unavailable"],
    [hindered("rate_limited"), "busy"],
    [hindered("wait_too_long"), "busy"],
  ])("that ends with %j stores nothing and says what to do", async (verdict, code) => {
    exchange = verdict;
    const result = await take();
    expect(codeOf(result)).toBe(code);
    expect(result).toMatchObject({ causeCode: "code" in verdict ? verdict.code : "" });
    expect(steps.slice(2)).toEqual([`end ${code}`]);
  });

  it("whose token does not name its account asks first, and stores nothing if amoCRM does not tell", async () => {
    exchange = issued("opaque");
    expect(codeOf(await take())).toBe("connected");
    expect(steps.slice(2, 4)).toEqual(["identify", `store ${ORIGIN} ${ACCOUNT_ID}`]);
    identity = null;
    steps = [];
    expect(codeOf(await take())).toBe("amocrm_unavailable");
    expect(steps).not.toContain(`store ${ORIGIN} ${ACCOUNT_ID}`);
  });

  it("whose pair cannot be stored tells whoever waits for the link, and raises", async () => {
    isStoreDown = true;
    await expect(take()).rejects.toThrow("the database is down");
    expect(steps.at(-1)).toBe("end failed");
  });

  it("stays stored if the account cannot be read afterwards", async () => {
    identity = null;
    expect(await take()).toMatchObject({ ok: true, facts: { accountName: null, accountId: ACCOUNT_ID } });
    expect(steps).toContain(`store ${ORIGIN} ${ACCOUNT_ID}`);
  });
});

describe("another account", () => {
  it("than the one connected before is refused, and its pair forgotten", async () => {
    known = { ...KNOWN, accountId: 42 };
    expect(codeOf(await take())).toBe("other_account");
    expect(steps.slice(2)).toEqual(["end other_account"]);
  });

  it("is taken if that was asked for, and what is known of the one before is left behind first", async () => {
    known = { ...KNOWN, accountId: 42 };
    use = { outcome: "granted", allowsSwitch: true };
    expect(await take()).toMatchObject({ ok: true, facts: { isSwitched: true } });
    expect(steps.indexOf("leave")).toBeLessThan(steps.indexOf(`store ${ORIGIN} ${ACCOUNT_ID}`));
  });

  it("the same one again is no switch, wherever it lives by now", async () => {
    known = { ...KNOWN, host: "https://old.amocrm.ru" };
    use = { outcome: "granted", allowsSwitch: true };
    expect(await take()).toMatchObject({ ok: true, facts: { isSwitched: false } });
    expect(steps).not.toContain("leave");
  });

  it("than the settings name is refused at the first connection, before the code is spent", async () => {
    configuredOrigin = "https://other.amocrm.ru";
    expect(codeOf(await take())).toBe("other_address");
    expect(steps).toEqual(["use hash of state", "end other_address"]);
    known = KNOWN;
    expect(codeOf(await take())).toBe("connected");
  });

  it("than that of a connection taken over, whose id nobody knows yet, is told by its address", async () => {
    known = { ...KNOWN, accountId: null };
    expect(codeOf(await take())).toBe("connected");
    expect(codeOf(await take({ referer: "stranger.amocrm.ru" }))).toBe("other_address");
    expect(steps.filter((step) => step.startsWith("exchange"))).toHaveLength(1);
  });

  it("is also left where only the address tells that it is another one", async () => {
    known = { ...KNOWN, accountId: null };
    use = { outcome: "granted", allowsSwitch: true };
    expect(await take({ referer: "stranger.amocrm.ru" })).toMatchObject({
      ok: true,
      facts: { isSwitched: true },
    });
    expect(steps).toContain("leave");
  });
});
