import { describe, expect, it } from "vitest";
import { populatedEmail, populatedPhone } from "#dev/amocrm-simulator/account/populate.ts";
import type { Account } from "./support/account.ts";
import { makeDeal, openAccount } from "./support/account.ts";

const found = (account: Account, query: string): Promise<number[]> =>
  account
    .get(`/api/v4/contacts?limit=250&query=${encodeURIComponent(query)}`)
    .then((reply) => (reply.json?._embedded.contacts ?? []).map((row: { id: number }) => row.id));

describe("the search", () => {
  it.each([
    ["part of the name", "боб"],
    ["the e-mail in other case", "BOB@shop.TEST"],
    ["part of the e-mail", "shop"],
    ["the last ten digits of the phone", "9001112233"],
  ])("finds %s", async (_name, query) => {
    const account = openAccount();
    const { contactId } = await makeDeal(account, { email: "Bob@Shop.test", phone: "+79001112233" });
    expect(await found(account, query)).toEqual([contactId]);
  });

  it("hits other fields too: a number in a stranger's Telegram field", async () => {
    const account = openAccount();
    const custom_fields_values = [{ field_id: 303, values: [{ value: "pay-9001112233" }] }];
    const { contactId } = await makeDeal(account, { contact: { custom_fields_values } });
    expect(await found(account, "9001112233")).toEqual([contactId]);
  });

  it("shows the deals of a hit with with=leads", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account, { email: "a@b.test" });
    const reply = await account.get("/api/v4/contacts?query=a@b.test&with=leads");
    expect(reply.json._embedded.contacts[0]._embedded.leads).toMatchObject([{ id: dealId }]);
  });

  it("finds a phone written with spaces by its digits only when set so", async () => {
    for (const [phone, hits] of [
      ["as_stored", 0],
      ["digits", 1],
    ] as const) {
      const account = openAccount({ search: { phone } });
      await makeDeal(account, { phone: "8 (900) 111-22-33" });
      expect(await found(account, "9001112233")).toHaveLength(hits);
    }
  });

  it("lags behind a create and a change by the set time, while lists do not", async () => {
    const account = openAccount({ search: { lag_ms: 5000 } });
    const { contactId } = await makeDeal(account, { email: "old@b.test" });
    expect(await found(account, "old@b.test")).toEqual([]);
    expect((await account.get("/api/v4/contacts")).json._embedded.contacts).toHaveLength(1);
    await account.clock.advance(5000);
    expect(await found(account, "old@b.test")).toEqual([contactId]);

    account.sim.control.edit({ action: "change_email", contact_id: contactId, email: "new@b.test" });
    await account.clock.advance(4999);
    expect(await found(account, "new@b.test")).toEqual([]);
    expect(await found(account, "old@b.test")).toEqual([contactId]);
    await account.clock.advance(1);
    expect(await found(account, "old@b.test")).toEqual([]);
    expect(await found(account, "new@b.test")).toEqual([contactId]);
  });

  it("shows the later of two texts even when the earlier one ripens last", async () => {
    const lags: number[] = [];
    const account = openAccount({ search: { lag_jitter_ms: 1000 } }, { random: () => lags.shift() ?? 0 });
    const { sim } = account;
    sim.control.populate({ contacts: 1 });
    const [contact] = sim.state.contacts();
    const contact_id = contact?.id ?? 0;
    lags.push(0.99, 0.1);
    sim.control.edit({ action: "change_email", contact_id, email: "first@b.test" });
    sim.control.edit({ action: "change_email", contact_id, email: "second@b.test" });
    await account.clock.advance(100);
    expect(await found(account, "second@b.test")).toEqual([contact_id]);
    await account.clock.advance(2000);
    expect(await found(account, "second@b.test")).toEqual([contact_id]);
    expect(await found(account, "first@b.test")).toEqual([]);
  });

  it("mixes in strangers when noise is set, on a miss only when that is set too", async () => {
    const account = openAccount({ search: { noise_hits: 5 } }, { population: { contacts: 50 } });
    const hits = await found(account, populatedEmail(7));
    expect(hits.length).toBeGreaterThan(1);
    expect(await found(account, "nobody@nowhere.test")).toEqual([]);
    account.sim.control.patchSettings({ search: { noise_on_miss: true } });
    expect((await found(account, "nobody@nowhere.test")).length).toBeGreaterThan(0);
  });

  it("answers nothing for a query shorter than the set minimum", async () => {
    const account = openAccount({ search: { min_query_chars: 3 } });
    await makeDeal(account, { email: "ab@c.test" });
    expect(await found(account, "ab")).toEqual([]);
    expect(await found(account, "ab@")).toHaveLength(1);
  });

  it("finds each of 20,000 contacts, with as many deals beside them", async () => {
    const account = openAccount({}, { population: { contacts: 20_000, deals: 20_000 } });
    const times: number[] = [];
    for (let ordinal = 1; ordinal <= 41; ordinal++) {
      const startedAt = performance.now();
      const hits = await found(account, populatedPhone(ordinal * 400).slice(-10));
      times.push(performance.now() - startedAt);
      expect(hits).toHaveLength(1);
    }
    times.sort((one, other) => one - other);
    console.log(`A search among 20,000 contacts: median ${times[20]?.toFixed(1)} ms`);
  });
});
