import { describe, expect, it } from "vitest";
import { defaultAccount } from "#dev/amocrm-simulator/account/account-seed.ts";
import { HARSH_SETTINGS, parseSettings, UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { createSimulator } from "#dev/amocrm-simulator/simulator.ts";
import { complexItem, makeDeal, openAccount } from "./support/account.ts";

describe("a simulator", () => {
  it("repeats a run exactly: same tokens, ids, durations, faults and log", async () => {
    const play = async () => {
      const settings = {
        duration: { base_ms: 50, jitter_ms: 400 },
        search: { lag_jitter_ms: 3000, noise_hits: 2 },
      };
      const account = openAccount(settings, { population: { contacts: 20 } });
      account.sim.control.addFaults({ kind: "lost_answer", probability: 0.3 });
      const texts: string[] = [account.sim.accessToken];
      for (let turn = 0; turn < 30; turn++) {
        const sent = account
          .post("/api/v4/leads/complex", [complexItem({ email: `${turn}@b.test` })])
          .then((reply) => reply.text)
          .catch((error: Error) => error.name);
        await account.clock.advance(700);
        texts.push(await sent);
        const found = account.get(`/api/v4/contacts?query=${turn}`).then(
          (reply) => reply.text,
          () => "lost",
        );
        await account.clock.advance(700);
        texts.push(await found);
      }
      return { texts, log: account.sim.log.entries(), state: account.sim.state.deals() };
    };
    const [one, other] = [await play(), await play()];
    expect(one).toEqual(other);
    expect(one.texts).toContain("SimulatedReset");
  });

  it("keeps nothing in common with another one", async () => {
    const seed = defaultAccount();
    const [one, other] = [openAccount({}, { account: seed }), openAccount({}, { account: seed })];
    one.sim.control.edit({ action: "delete_field", field_id: 411 });
    expect((await other.get("/api/v4/leads/custom_fields/411")).status).toBe(200);
  });

  it("hands out its state as copies", async () => {
    const account = openAccount();
    await makeDeal(account, { email: "a@b.test" });
    const [contact] = account.sim.state.contacts();
    const value = contact?.custom_fields_values?.[0]?.values[0];
    if (value !== undefined) value.value = "changed";
    expect((await account.get("/api/v4/contacts?query=a@b.test")).json._embedded.contacts).toHaveLength(1);
    expect(JSON.stringify(account.sim.state.contacts())).not.toContain("changed");
  });

  it("takes a Request as well as an address", async () => {
    const sim = createSimulator();
    const request = new Request("https://any.host/api/v4/leads", {
      method: "POST",
      headers: { authorization: `Bearer ${sim.accessToken}` },
      body: '[{"name":"by Request"}]',
    });
    expect((await sim.fetch(request)).status).toBe(200);
    expect(sim.state.deals()).toMatchObject([{ name: "by Request" }]);
  });

  it("starts anew on reset, keeping settings and the long-lived token", async () => {
    const account = openAccount({ language: "en" });
    const { accessToken } = account.sim;
    await makeDeal(account);
    account.sim.control.edit({ action: "dismiss_user", user_id: 7002 });
    account.sim.control.addFaults({ kind: "unpaid" });
    account.sim.control.block();
    account.sim.control.reset();
    expect(account.sim.state.counts().deals).toBe(0);
    expect(account.sim.log.entries()).toEqual([]);
    expect(account.sim.accessToken).toBe(accessToken);
    expect(account.sim.settings.language).toBe("en");
    expect((await account.post("/api/v4/leads", [{ responsible_user_id: 7002 }])).status).toBe(200);
  });

  it("logs a request with its time, path, query, size, and its body only when set so", async () => {
    const account = openAccount();
    await account.post("/api/v4/leads?x=1", [{}, {}]);
    account.sim.control.patchSettings({ log_bodies: true });
    await account.post("/api/v4/leads", [{ name: "seen" }]);
    const [one, two] = account.sim.log.entries();
    expect(one).toMatchObject({
      method: "POST",
      path: "/api/v4/leads",
      query: "x=1",
      item_count: 2,
      status: 200,
    });
    expect(one?.received_at_ms).toBe(account.clock.now());
    expect(one).not.toHaveProperty("body");
    expect(two?.body).toBe('[{"name":"seen"}]');
    expect(account.sim.log.entries(one?.id)).toEqual([two]);
  });

  it("drops the oldest log entries at the limit", async () => {
    const account = openAccount({ log_max: 20 });
    for (let turn = 0; turn < 50; turn++) await account.get("/api/v4/account");
    const entries = account.sim.log.entries();
    expect(entries.length).toBeLessThanOrEqual(20);
    expect(entries.at(-1)?.id).toBe(50);
  });
});

describe("settings", () => {
  it("are refused with the name of the wrong member, and then nothing changes", () => {
    const { sim } = openAccount();
    expect(() => sim.control.patchSettings({ rate: { requests_per_secund: 3 } } as never)).toThrow(
      /requests_per_secund/,
    );
    expect(() => sim.control.patchSettings({ search: { lag_ms: -1 } })).toThrow();
    expect(sim.settings).toEqual(parseSettings(UNLIMITED_SETTINGS));
  });

  it("are patched member by member", () => {
    const { sim } = openAccount({ search: { lag_ms: 5, noise_hits: 2 } });
    sim.control.patchSettings({ search: { lag_ms: 9 } });
    expect(sim.settings.search).toMatchObject({ lag_ms: 9, noise_hits: 2 });
  });

  it("have presets that are valid", () => {
    expect(parseSettings(HARSH_SETTINGS).lists.filters_need_paid_option).toBe(true);
  });
});
