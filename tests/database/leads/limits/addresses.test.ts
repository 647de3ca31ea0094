import { describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";

const { sql } = await useDatabase();

const addressOf = async (headers: Record<string, string>, header = "cf-connecting-ip") =>
  (
    await sql`select host(amocrm.address_of(${JSON.stringify(headers)}::text::jsonb, ${header})) as address`
  )[0]?.["address"];
const hashes = async (address: string) =>
  (
    await sql`select encode(amocrm.address_hash(${address}::text::inet), 'hex') as address,
      encode(amocrm.network_hash(${address}::text::inet), 'hex') as network`
  )[0] ?? {};

describe("the visitor's address", () => {
  test.each([
    ["an IPv4 address", "203.0.113.7", "203.0.113.7"],
    ["an IPv6 address", "2001:db8::1", "2001:db8::1"],
    ["spaces around it", " 203.0.113.7 ", "203.0.113.7"],
    ["an IPv4 address written as IPv6", "::ffff:203.0.113.7", "203.0.113.7"],
    ["an IPv4 address with a port", "203.0.113.7:51234", "203.0.113.7"],
    ["an IPv6 address with a port", "[2001:db8::1]:443", "2001:db8::1"],
    ["an address with a netmask, which is dropped", "203.0.113.7/8", "203.0.113.7"],
    ["nothing", "", null],
    ["a word", "unknown", null],
    ["an address with a zone", "fe80::1%eth0", null],
    ["an attack on the query", "203.0.113.7'; drop table landing_leads; --", null],
    ["a very long one", "1".repeat(100_000), null],
  ])("is read from %s", async (_, text, expected) => {
    expect(await addressOf({ "cf-connecting-ip": text })).toBe(expected);
  });

  test("is nobody's without the header", async () => {
    expect(await addressOf({ "x-forwarded-for": "203.0.113.7" })).toBeNull();
  });

  test("of X-Forwarded-For is the last entry, which the proxy appends to whatever the visitor wrote", async () => {
    const headers = { "x-forwarded-for": "10.0.0.1, 198.51.100.1,203.0.113.7" };
    expect(await addressOf(headers, "x-forwarded-for")).toBe("203.0.113.7");
  });
});

describe("the hash of an address", () => {
  test("is the same for a /64 of IPv6, and for no other", async () => {
    const one = await hashes("2001:db8:1:1::1");
    expect(await hashes("2001:db8:1:1:ffff::9")).toEqual(one);
    const neighbour = await hashes("2001:db8:1:2::1");
    expect(neighbour["address"]).not.toBe(one["address"]);
    expect(neighbour["network"]).toBe(one["network"]);
    expect((await hashes("2001:db8:2::1"))["network"]).not.toBe(one["network"]);
  });

  test("is of one IPv4 address, which is its own network", async () => {
    const one = await hashes("203.0.113.7");
    expect(one["network"]).toBe(one["address"]);
    expect((await hashes("203.0.113.8"))["address"]).not.toBe(one["address"]);
  });

  test("cannot be made without the key, and is another one after the key was drawn anew", async () => {
    const before = await hashes("203.0.113.7");
    const [plain] = await sql`select encode(substr(sha256('address 203.0.113.7'), 1, 16), 'hex') as hash`;
    expect(before["address"]).not.toBe(plain?.["hash"]);
    await sql`select amocrm.draw_address_key()`;
    expect((await hashes("203.0.113.7"))["address"]).not.toBe(before["address"]);
  });
});
