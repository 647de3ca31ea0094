import { describe, expect, it } from "vitest";
import { receive, refuseDelivery, type Source } from "#shared/outbox/inbox/receive.ts";

interface Kept {
  text: string;
}
const url = "https://p.supabase.co/functions/v1/hooks/secret";
const post = (body: BodyInit = "a=1"): Request => new Request(url, { method: "POST", body });

/** A source that takes everything, and what it kept and logged. */
function source(more: Partial<Source<string, Kept, "stored" | "duplicate">> = {}) {
  const kept: Kept[] = [];
  const logged: unknown[] = [];
  return {
    kept,
    logged,
    name: "hooks",
    log: (...line: unknown[]) => void logged.push(line),
    verify: () => ({ ok: true as const, sender: "somebody" }),
    read: ({ text }: { text: string }) => ({ keep: true as const, event: { text } }),
    append: async (event: Kept) => {
      kept.push(event);
      return "stored" as const;
    },
    ...more,
  };
}

describe("a delivery", () => {
  it("is kept and answered with ok", async () => {
    const hooks = source();
    const response = await receive(post("a=1"), hooks);
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
    expect(hooks.kept).toEqual([{ text: "a=1" }]);
  });

  it("that is repeated is answered like the first", async () => {
    const response = await receive(post(), source({ append: async () => "duplicate" }));
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
  });

  it("by another method is answered with 405, and its body is not read", async () => {
    const hooks = source();
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
      const response = await receive(new Request(url, { method }), hooks);
      expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    }
    expect(hooks.kept).toEqual([]);
  });

  it("of more than 1 MiB is answered with 413, told or not; one of just that much is kept", async () => {
    const hooks = source();
    const exact = "x".repeat(1024 * 1024);
    expect((await receive(post(exact), hooks)).status).toBe(200);
    expect((await receive(post(`${exact}x`), hooks)).status).toBe(413);
    const untold = new Blob([exact, "x"]).stream();
    const streamed = new Request(url, { method: "POST", body: untold, duplex: "half" } as RequestInit);
    expect((await receive(streamed, hooks)).status).toBe(413);
    expect((await receive(post("12345"), source({ bodyMaxBytes: 4 }))).status).toBe(413);
    expect(hooks.kept).toHaveLength(1);
  });

  it("of somebody else is answered as the source says, and nothing of it is read", async () => {
    const hooks = source({ verify: () => ({ ok: false, answer: refuseDelivery(404, "unknown") }) });
    const response = await receive(post(), hooks);
    expect([response.status, await response.json()]).toEqual([404, { code: "unknown" }]);
    expect(hooks.kept).toEqual([]);
  });

  it("beyond the bound is answered with 429 and a time to wait", async () => {
    const response = await receive(post(), source({ append: async () => "full" }));
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "60"]);
  });

  it.each(["verify", "append"] as const)("is answered with 503 if the store is down: %s", async (step) => {
    const hooks = source({ [step]: () => Promise.reject(new Error("no answer")) });
    const response = await receive(post("secret=1"), hooks);
    expect([response.status, await response.json()]).toEqual([503, { code: "not_recorded" }]);
    expect(hooks.logged).toEqual([["error", "hooks_failed", { message: "no answer" }]]);
  });

  it("whose body breaks off is answered with 503, since it was not kept", async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    const request = new Request(url, { method: "POST", body: broken, duplex: "half" } as RequestInit);
    expect((await receive(request, source())).status).toBe(503);
  });

  it("is text that can be stored, and bytes as they came", async () => {
    let bytes: Uint8Array = new Uint8Array();
    const hooks = source({
      read: (delivery) => {
        bytes = delivery.bytes;
        return { keep: true, event: { text: delivery.text } };
      },
    });
    await receive(post(Uint8Array.from([97, 0, 255, 98])), hooks);
    expect(hooks.kept).toEqual([{ text: "a\uFFFD\uFFFDb" }]);
    expect([...bytes]).toEqual([97, 0, 255, 98]);
  });
});
