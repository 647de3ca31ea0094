import { beforeEach, expect, it } from "vitest";
import { parseSettings } from "#shared/amocrm/settings.ts";
import { runConfigured } from "#shared/outbox/run-configured.ts";
import type { LogFacts } from "#shared/platform/log.ts";

const READY = { AMOCRM_SUBDOMAIN: "company", AMOCRM_ACCESS_TOKEN: "token" };

let beats: [string, readonly string[], string | null][];
let events: string[];
let workCount = 0;

beforeEach(() => {
  beats = [];
  events = [];
  workCount = 0;
});

function run(
  environment: Record<string, string>,
  work: () => Promise<LogFacts> = async () => ({}),
): Promise<void> {
  return runConfigured({
    name: "pull",
    settings: parseSettings(environment),
    heartbeat: { beat: async (...beat) => void beats.push(beat) },
    log: (_level, event) => void events.push(event),
    work: (access) => {
      workCount += 1;
      expect(access.baseUrl).toBe("https://company.amocrm.ru");
      return work();
    },
  });
}

it("works when all is configured, and is well only when the work has ended", async () => {
  await run(READY, async () => {
    expect(beats).toEqual([["begun", [], null]]);
    return {};
  });
  expect([workCount, events, beats[1]]).toEqual([1, ["pull_ended"], ["ok", [], null]]);
});

it("does nothing when it is switched off", async () => {
  await run({ ...READY, AMOCRM_ENABLED: "false" });
  expect([workCount, events, beats]).toEqual([
    0,
    ["pull_disabled"],
    [["disabled", [], "AMOCRM_ENABLED is false"]],
  ]);
});

it("does nothing when a setting is missing, and names it", async () => {
  await run({ AMOCRM_SUBDOMAIN: "company" });
  expect([workCount, events]).toEqual([0, ["pull_unconfigured"]]);
  expect(beats).toEqual([
    ["unconfigured", ["AMOCRM_ACCESS_TOKEN"], expect.stringContaining("AMOCRM_ACCESS_TOKEN")],
  ]);
});

it("tells a failure of the work in its heartbeat, and ends well itself", async () => {
  await run(READY, () => Promise.reject(new Error("Cannot call x")));
  expect([events, beats[1]]).toEqual([["pull_failed"], ["failed", [], "Cannot call x"]]);
});
