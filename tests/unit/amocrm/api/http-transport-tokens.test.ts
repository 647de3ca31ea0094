import { describe, expect, it } from "vitest";
import type { TokenAnswer, Tokens } from "#shared/amocrm/api/transport.ts";
import { CREATE } from "../support/requests.ts";
import { BASE_URL, openSlots, transportTo } from "../support/transport.ts";

interface Sent {
  url: string;
  token: string | null;
  body: string;
}

/** amoCRM as it lets in the bearer of one token. */
function accountOf(goodToken: string) {
  const sent: Sent[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const token = new Headers(init.headers).get("authorization")?.replace("Bearer ", "") ?? null;
    sent.push({ url, token, body: await new Response(init.body ?? null).text() });
    return token === goodToken
      ? Response.json({})
      : Response.json({ title: "Unauthorized" }, { status: 401 });
  };
  return { sent, fetch };
}

/** Gives the old token until it was refused, then the next. */
function renewing(next: TokenAnswer): { tokens: Tokens; refused: (string | undefined)[] } {
  const refused: (string | undefined)[] = [];
  return {
    refused,
    tokens: {
      async accessToken(token) {
        refused.push(token);
        return token === undefined ? { ok: true, token: "old" } : next;
      },
    },
  };
}

describe("the HTTP transport after a 401", () => {
  it("asks once for a newer token and repeats the request once, a create too, in a slot of its own", async () => {
    const { sent, fetch } = accountOf("new");
    const { tokens, refused } = renewing({ ok: true, token: "new" });
    let slotCount = 0;
    const slots = {
      take: async (purpose: string) => {
        slotCount += 1;
        return openSlots.take(purpose);
      },
    };
    const outcome = await transportTo({ fetch, tokens, slots }).send(CREATE);
    expect(outcome).toMatchObject({ kind: "answered", httpStatus: 200 });
    expect(sent.map(({ token, body }) => [token, JSON.parse(body)])).toEqual([
      ["old", CREATE.body],
      ["new", CREATE.body],
    ]);
    expect(refused).toEqual([undefined, "old"]);
    expect(slotCount).toBe(2);
  });

  it("goes no third time when the newer token is refused too", async () => {
    const { sent, fetch } = accountOf("another");
    const { tokens } = renewing({ ok: true, token: "new" });
    expect(await transportTo({ fetch, tokens }).send(CREATE)).toMatchObject({ httpStatus: 401 });
    expect(sent).toHaveLength(2);
  });

  it("repeats nothing when there is no newer token", async () => {
    const { sent, fetch } = accountOf("new");
    const { tokens } = renewing({ ok: true, token: "old" });
    expect(await transportTo({ fetch, tokens }).send(CREATE)).toMatchObject({ httpStatus: 401 });
    expect(sent).toHaveLength(1);
  });

  it("tells why there is none, if that is known", async () => {
    const { fetch } = accountOf("new");
    const { tokens } = renewing({ ok: false, code: "reauth_required", message: "connect" });
    expect(await transportTo({ fetch, tokens }).send(CREATE)).toMatchObject({
      kind: "not_sent",
      refusedBy: "token",
      code: "reauth_required",
    });
  });
});

describe("the address of a request", () => {
  it("is that of the token's account, if nothing else says where it is", async () => {
    const { sent, fetch } = accountOf("t");
    const tokens: Tokens = { accessToken: async () => ({ ok: true, token: "t", host: BASE_URL }) };
    await transportTo({ baseUrl: null, fetch, tokens }).send(CREATE);
    expect(sent[0]?.url).toBe(`${BASE_URL}/api/v4/contacts`);
  });

  it("is named as missing when nobody knows it, and nothing is sent", async () => {
    const { sent, fetch } = accountOf("t");
    const tokens: Tokens = { accessToken: async () => ({ ok: true, token: "t" }) };
    expect(await transportTo({ baseUrl: null, fetch, tokens }).send(CREATE)).toMatchObject({
      kind: "not_sent",
      code: "address_missing",
      message: expect.stringContaining("AMOCRM_SUBDOMAIN"),
    });
    expect(sent).toEqual([]);
  });
});
