import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readOurs } from "#cli/uninstall/ours.ts";
import { placeOf } from "#cli/uninstall/place.ts";

const REF = "abcdefghijklmnopqrst";

describe("placeOf", () => {
  it("takes the ref out of SUPABASE_URL, and needs no key for it", () => {
    const place = placeOf(undefined, { SUPABASE_URL: `https://${REF}.supabase.co/` }, undefined);
    expect(place).toEqual({ remote: REF, name: REF, isHosted: true });
  });

  it("lets --remote win, and names a database by its host", () => {
    const environment = { SUPABASE_URL: "https://zzzzzzzzzzzzzzzzzzzz.supabase.co" };
    expect(placeOf(REF, environment, undefined).remote).toBe(REF);
    expect(placeOf("postgresql://postgres:secret@db.example:5432/postgres", environment, undefined)).toEqual({
      remote: "postgresql://postgres:secret@db.example:5432/postgres",
      name: "db.example:5432",
      isHosted: false,
    });
  });

  it("asks for no encryption on loopback, where there is none", () => {
    expect(placeOf("postgresql://postgres@127.0.0.1:1/postgres", {}, undefined).remote).toBe(
      "postgresql://postgres@127.0.0.1:1/postgres?sslmode=disable",
    );
  });

  it.each([
    ["https://crm.example.com", undefined, "does not tell the project's ref"],
    ["", "short", "--remote must be"],
    ["", "postgres:/x", "--remote must be"],
    ["", undefined, "No project is named"],
  ])("is wrong usage for SUPABASE_URL %j and --remote %j", (url, remote, words) => {
    const local = url === "" && remote === undefined ? "/nowhere/stack.json" : undefined;
    expect(() => placeOf(remote, { SUPABASE_URL: url }, local)).toThrow(words);
  });
});

describe("readOurs", () => {
  it("finds in the migrations what goes, and keeps what people have entered", () => {
    const ours = readOurs();
    expect(ours.keptTables).toEqual(
      expect.arrayContaining(["landing_leads", "tripwire_users", "unified_lead_tracking"]),
    );
    expect(ours.tables).toEqual(expect.arrayContaining(["amocrm_outbox", "amocrm_routes", "message_outbox"]));
    expect(ours.views).toContain("amocrm_health");
    expect(ours.functions).toEqual(expect.arrayContaining(["amocrm_tick", "tripwire_watch"]));
    expect(ours.cronJobs).toContain("amocrm-tick");
    expect(ours.slugs).toContain("amocrm-drain");
    expect(ours.migrations[0]).toBe("20261130000000");
    // A release with another date has to be known there, else it would be left behind.
    const files = fs.readdirSync("supabase/migrations").filter((file) => file.endsWith(".sql"));
    expect(ours.migrations).toHaveLength(files.length);
  });

  it("takes nobody else's migrations for ours, which the CLI may have fetched into the folder", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ours-"));
    fs.cpSync("supabase/migrations", path.join(folder, "migrations"), { recursive: true });
    fs.mkdirSync(path.join(folder, "functions"));
    const theirs = "create table public.amocrm_theirs (id int);\ncreate function public.theirs() returns int";
    fs.writeFileSync(path.join(folder, "migrations/20261122000000_theirs.sql"), theirs);
    const ours = readOurs(folder);
    fs.rmSync(folder, { recursive: true });
    expect(ours.migrations).not.toContain("20261122000000");
    expect(ours.tables).not.toContain("amocrm_theirs");
    expect(ours.functions).not.toContain("theirs");
  });
});
