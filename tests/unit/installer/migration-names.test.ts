import { describe, expect, it } from "vitest";
import { versionsAfter } from "#installer/migration-names.ts";

const NOW = new Date("2026-11-30T12:00:00Z");

describe("versions for further migrations", () => {
  it("end now, where there is room, so that the host's next one sorts after them", () => {
    expect(versionsAfter([], 2, NOW)).toEqual(["20261130115958", "20261130115959"]);
    expect(versionsAfter(["0001_init.sql", "20250101000000_a.sql"], 1, NOW)).toEqual(["20261130115959"]);
  });

  it("begin a second after the newest, over the ends of minutes, months and leap years", () => {
    expect(versionsAfter(["20271231235959_a.sql"], 2, NOW)).toEqual(["20280101000000", "20280101000001"]);
    expect(versionsAfter(["20280228235959_a.sql"], 1, NOW)).toEqual(["20280229000000"]);
    expect(versionsAfter(["20261130115959_a.sql"], 1, NOW)).toEqual(["20261130120000"]);
  });

  it("pass over files that the CLI passes over", () => {
    expect(versionsAfter(["99990101000000.sql", "99990101000000_a.txt", "README.md"], 1, NOW)).toEqual([
      "20261130115959",
    ]);
  });

  it.each(["20269999000000_a.sql", "9_later.sql", "202711300000001_a.sql"])(
    "are none after a name that no time follows: %s",
    (file) => {
      expect(versionsAfter([file], 1, NOW)).toMatchObject({ code: "version_too_late", facts: { file } });
    },
  );
});
