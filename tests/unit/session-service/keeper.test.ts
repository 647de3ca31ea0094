import { describe, expect, it } from "vitest";
import type { SignInOutcome } from "#session-service/session/port.ts";
import { playService } from "./support/service.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const refused = (state: "second_factor" | "robot_check"): SignInOutcome => ({
  outcome: "refused",
  state,
  reason: null,
  message: `amoCRM asks: ${state}`,
  isFinal: true,
});

describe("the keeper of the session", () => {
  it("signs in once for twenty that come at once without a session", async () => {
    const played = playService();
    const answers = await Promise.all(Array.from({ length: 20 }, () => played.call("/api/v4/account")));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(played.simulator.control.signIns()).toMatchObject({ tries: 1, sessions: 1 });
  });

  it("signs in once more for twenty whose session ended, and each call is done once", async () => {
    const played = playService();
    await played.call("/api/v4/account");
    played.simulator.control.endSessions();
    const body = JSON.stringify([{ name: "Lead" }]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => played.call("/api/v4/leads", { method: "POST", body })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(played.simulator.control.signIns().sessions).toBe(2);
    expect(played.simulator.state.deals()).toHaveLength(20);
  });

  it("tries a wrong password twice, and then not once in an hour of calls", async () => {
    const played = playService();
    played.type("wrong");
    const tries: number[] = [];
    for (let minute = 0; minute <= 75; minute++) {
      expect((await played.call("/api/v4/account")).status).toBe(503);
      await played.clock.advance(MINUTE_MS);
      tries.push(played.simulator.control.signIns().tries);
    }
    expect([tries[0], tries[9], tries[10], tries[75]]).toEqual([1, 1, 2, 2]);
    expect(played.simulator.control.signIns().is_locked).toBe(false);
    expect(played.keeper.health()).toMatchObject({ state: "password", needs_person: true });
    expect(played.notes.at(-1)).toMatchObject({ state: "password" });
  });

  it("goes on after POST /resume with what a person has put right", async () => {
    const played = playService();
    played.type("wrong");
    for (let time = 0; time < 2; time++) {
      await played.call("/api/v4/account");
      await played.clock.advance(600_000);
    }
    expect(await (await played.call("/api/v4/account")).json()).toMatchObject({
      code: "needs_person",
      state: "password",
    });
    played.type("sim-password-4711");
    const resumed = await played.call("/resume", { method: "POST" });
    expect(await resumed.json()).toMatchObject({ state: "ok", needs_person: false });
    expect((await played.call("/api/v4/account")).status).toBe(200);
    expect(played.notes.at(-1)).toBeNull();
  });

  it.each(["second_factor", "robot_check"] as const)("asks for no second code: %s", async (state) => {
    let count = 0;
    const played = playService({
      signIn: async () => {
        count++;
        return refused(state);
      },
    });
    for (let minute = 0; minute < 60; minute++) {
      await played.call("/api/v4/account");
      await played.clock.advance(MINUTE_MS);
    }
    expect(count).toBe(1);
    expect(played.keeper.health()).toMatchObject({ state, needs_person: true });
  });

  it("stays stopped over a restart", async () => {
    const stop = { state: "password", reason: null, message: "refused", atMs: 1_700_000_000_000 } as const;
    const played = playService({ stop });
    expect((await played.call("/api/v4/account")).status).toBe(503);
    expect(played.simulator.control.signIns().tries).toBe(0);
  });

  it("signs in at once when a session ends, and once an interval when sessions end again and again", async () => {
    const played = playService();
    const statuses: number[] = [];
    for (let time = 0; time < 60; time++) {
      statuses.push((await played.call("/api/v4/account")).status);
      played.simulator.control.endSessions();
      await played.clock.advance(MINUTE_MS);
    }
    // The first and the first ending at once; from then on one in ten minutes.
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(played.simulator.control.signIns().sessions).toBeLessThanOrEqual(2 + 6);
    expect(played.simulator.control.signIns().sessions).toBeGreaterThanOrEqual(6);
  });

  it("counts an amoCRM that does not answer as no try, and looks again soon", async () => {
    let count = 0;
    const played = playService({
      signIn: async () => {
        count++;
        return { outcome: "unreachable", message: "does not answer" };
      },
    });
    for (let minute = 0; minute < 10; minute++) {
      const answer = await played.call("/api/v4/account");
      expect(await answer.json()).toMatchObject({ code: "signed_out", message: "does not answer" });
      await played.clock.advance(MINUTE_MS);
    }
    expect(count).toBeGreaterThan(3);
    expect(count).toBeLessThan(10);
    expect(played.keeper.health()).toMatchObject({ state: "signed_out", needs_person: false });
  });

  it("lets a call go that will not wait for a sign-in, and sends nothing for it later", async () => {
    let enter = (_outcome: SignInOutcome): void => undefined;
    const played = playService({
      signIn: () =>
        new Promise((resolve) => {
          enter = resolve;
        }),
    });
    const answer = played.call("/api/v4/account", { headers: { prefer: "wait=8" } });
    await played.clock.advance(0);
    await played.clock.advance(8_000);
    expect((await answer).headers.get("x-amocrm-session")).toBe("signed_out");
    enter({ outcome: "unreachable", message: "over" });
    await played.clock.advance(HOUR_MS);
    expect(played.asked).toEqual([]);
  });
});
