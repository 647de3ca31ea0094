import { createClient } from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { createAdminStore } from "#shared/admin/store.ts";
import { withHonestNotFound } from "#shared/platform/data-api.ts";
import { createRpc } from "#shared/platform/rpc.ts";

const clientOf = (fetch: typeof globalThis.fetch) =>
  createClient("http://project.local", "a-key", {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch },
  });
const answering = (body: string | null, status: number) => async (): Promise<Response> =>
  new Response(body, { status });
const NOT_THE_API: [string, string | null][] = [
  ["nothing", null],
  ["a list", "[]"],
  ["a page", "<html>no such project</html>"],
];

it("supabase-js takes a 404 without a body for a success, which is why there is a fetch of our own", async () => {
  const { error, status } = await clientOf(answering(null, 404)).rpc("amocrm_tick");
  expect({ error, status }).toEqual({ error: null, status: 204 });
});

describe.each(NOT_THE_API)("a 404 with %s", (_what, body) => {
  const client = clientOf(withHonestNotFound(answering(body, 404)));

  it("is no call that was made", async () => {
    await expect(createRpc(client)("amocrm_drain_record")).rejects.toThrow(
      /^Cannot call amocrm_drain_record: 404 the answer was 404/,
    );
  });

  it("is no row that was written, and no count of none", async () => {
    const store = createAdminStore(client, createRpc(client), undefined as never);
    await expect(store.saveSettings({ batch_size: 7 })).rejects.toThrow("Cannot use amocrm_settings: 404");
    await expect(store.deadLetterCount()).rejects.toThrow("Cannot use amocrm_dead_letters: 404");
    expect(await client.from("landing_leads").insert({ email: "a@b.kz" })).toMatchObject({
      status: 404,
      error: { code: "404" },
    });
  });
});

it("an answer of the Data API itself comes through as it is", async () => {
  const refused = '{"code":"PGRST202","message":"no such function","details":null,"hint":null}';
  await expect(createRpc(clientOf(withHonestNotFound(answering(refused, 404))))("gone")).rejects.toThrow(
    "Cannot call gone: PGRST202",
  );
  expect(await createRpc(clientOf(withHonestNotFound(answering(null, 204))))("amocrm_tick")).toBeNull();
  expect(await createRpc(clientOf(withHonestNotFound(answering("[]", 200))))("rows")).toEqual([]);
});
