import { beforeEach, describe, expect, it } from "vitest";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { createHostFinder } from "#shared/amocrm/tokens/host-finder.ts";
import type { TokenStore } from "#shared/amocrm/tokens/port.ts";

const OLD = "https://sim.amocrm.ru";
let amocrm: Simulator;
let asked: string[];
let noted: string[];
let permit: Awaited<ReturnType<TokenStore["mayLookUp"]>>;
let isSlotGranted: boolean;

beforeEach(() => {
  amocrm = createSimulator({ settings: { moved_to: "new.kommo.com" } });
  [asked, noted, permit, isSlotGranted] = [[], [], { outcome: "granted" }, true];
});

const finder = (baseUrl: string | null = null) =>
  createHostFinder({
    baseUrl,
    async fetch(url, init) {
      asked.push(url);
      return amocrm.fetch(url, init);
    },
    clock: { nowMs: () => 0, sleep: () => new Promise(() => {}) },
    slots: {
      take: async () =>
        isSlotGranted
          ? { granted: true, waitedMs: 0 }
          : { granted: false, code: "wait_too_long", message: "", waitMs: 1 },
    },
    moves: {
      mayLookUp: async () => permit,
      async moved(from, to) {
        noted.push(`${from} → ${to}`);
        return true;
      },
    },
    log: () => {},
  });
const find = (refreshToken: string | null, accessToken: string | null, baseUrl: string | null = null) =>
  finder(baseUrl).find(OLD, refreshToken, accessToken);

describe("the look-up of an account that has moved", () => {
  it("goes to the address that the access token names, and notes what it finds", async () => {
    const pair = amocrm.control.issuePair();
    expect(await find(pair.refresh_token, pair.access_token)).toBe("https://new.kommo.com");
    expect(asked).toEqual(["https://api-a.amocrm.ru/oauth2/account/current/subdomain"]);
    expect(noted).toEqual([`${OLD} → https://new.kommo.com`]);
  });

  it("goes to the old host when the token names no address, or one that is not amoCRM's", async () => {
    const { refresh_token: refreshToken } = amocrm.control.issuePair();
    const evil = `x.${btoa(JSON.stringify({ api_domain: "api-a.amocrm.ru.evil.com" }))}.y`;
    for (const token of [null, "opaque", evil]) await find(refreshToken, token);
    expect(new Set(asked)).toEqual(new Set([`${OLD}/oauth2/account/current/subdomain`]));
  });

  it("of a long-lived token goes the older way, over the shared host", async () => {
    expect(await find(null, amocrm.accessToken)).toBe("https://new.kommo.com");
    expect(asked).toEqual(["https://www.amocrm.ru/oauth2/account/subdomain"]);
  });

  it.each([
    "evil-amocrm.ru",
    "new.amocrm.ru.evil.com",
    "user@new.amocrm.ru",
    "new.amocrm.ru:8443",
    "127.0.0.1:80",
  ])("believes no host that is not amoCRM's: %s", async (host) => {
    amocrm.control.patchSettings({ moved_to: host });
    expect(await find(amocrm.control.issuePair().refresh_token, null)).toBeNull();
    expect(noted).toEqual([]);
  });

  it("believes nothing about another account", async () => {
    const { refresh_token: refreshToken } = amocrm.control.issuePair();
    const other = `x.${btoa(JSON.stringify({ account_id: 42 }))}.y`;
    expect([await find(refreshToken, other), noted]).toEqual([null, []]);
  });

  it("finds nothing when the account is where it was, the token is over, or amoCRM is down", async () => {
    const { refresh_token: refreshToken } = amocrm.control.issuePair();
    amocrm.control.patchSettings({ moved_to: "sim.amocrm.ru" });
    expect(await find(refreshToken, null)).toBeNull();
    expect(await find("unknown", null)).toBeNull();
    amocrm.control.addFaults({ kind: "reset", times: 1 }, { kind: "status", status: 503, times: 1 });
    expect([await find(refreshToken, null), await find(refreshToken, null)]).toEqual([null, null]);
    expect(noted).toEqual([]);
  });

  it("sends nothing without a permit or a slot, through a proxy, or with a token that no header can carry", async () => {
    permit = { outcome: "not_yet" };
    expect(await find("token", null)).toBeNull();
    permit = { outcome: "moved", host: "https://found.amocrm.ru" };
    expect(await find("token", null)).toBe("https://found.amocrm.ru");
    permit = { outcome: "granted" };
    isSlotGranted = false;
    expect(await find("token", null)).toBeNull();
    isSlotGranted = true;
    expect(await find("line\nbreak", null)).toBeNull();
    expect(await find("token", null, "https://proxy.example")).toBeNull();
    expect(asked).toEqual([]);
  });
});
