import { describe, expect, it } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";

describe("waitFor", () => {
  it("returns the first truthy answer", async () => {
    const answers = [undefined, 0, "", "there"];
    expect(await waitFor("the answer", () => answers.shift(), { intervalMs: 1 })).toBe("there");
  });

  it("goes on while the probe throws", async () => {
    let calls = 0;
    const probe = (): number => {
      if (++calls < 3) throw new Error("not yet");
      return calls;
    };
    expect(await waitFor("three calls", probe, { intervalMs: 1 })).toBe(3);
  });

  it("names what was waited for and the last value when time is up", async () => {
    const wait = waitFor("the deal of lead 7", () => null, { timeoutMs: 5, intervalMs: 1 });
    await expect(wait).rejects.toThrow("Waited 5 ms for the deal of lead 7; last seen: null");
  });

  it("names the last error when the probe kept throwing", async () => {
    const probe = (): never => {
      throw new Error("connection refused");
    };
    await expect(waitFor("the server", probe, { timeoutMs: 5, intervalMs: 1 })).rejects.toThrow(
      "connection refused",
    );
  });
});
