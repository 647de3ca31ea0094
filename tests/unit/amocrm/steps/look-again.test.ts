import { expect, test } from "vitest";
import { fault } from "#shared/amocrm/api/faults.ts";
import type { Failed } from "#shared/amocrm/api/verdict.ts";
import type { Tools } from "#shared/amocrm/handler.ts";
import type { Message, Progress } from "#shared/amocrm/message.ts";
import { lookAgain, lookLater } from "#shared/amocrm/steps/look-up.ts";

const ABSENT_AT_MS = 1_000_000;
const toolsAt = (ourMs: number, theirOffsetMs: number) =>
  ({
    nowMs: () => ourMs,
    accountMs: (atMs: number) => atMs + theirOffsetMs,
    configuration: { settings: { most_looks: 3, most_unclear_looks: 10 } },
  }) as unknown as Tools;
const messageWith = (progress: Progress) =>
  ({ progress, failsAlone: false, isPoison: false }) as unknown as Message;
const refused: Progress = { refusedAlong: true, absentAtMs: ABSENT_AT_MS, lookCount: 0 };

const refusal = (shrinksBatch: boolean, messageCount: number): Failed => ({
  verdict: "uncertain",
  fault: fault("batch_refused", { shrinksBatch }),
  exchange: {
    method: "POST",
    path: "",
    httpStatus: 400,
    durationMs: 0,
    waitedMs: 0,
    itemCount: messageCount,
  },
  request: { operation: "create_deal", messageCount },
});

test("what was refused for another item's sake notes when it was not there, by amoCRM's clock", () => {
  const end = lookLater("the deal", refusal(false, 50), toolsAt(ABSENT_AT_MS + 40_000, -40_000));
  expect(end).toMatchObject({ refusedAlongAtMs: ABSENT_AT_MS, lookCount: 0 });
  expect(end).not.toHaveProperty("companyLimit");
});

test.each([
  [50, 25],
  [3, 2],
  [2, 1],
])("of %i refused with no name, %i at most go together the next time", (messageCount, companyLimit) => {
  expect(lookLater("the deal", refusal(true, messageCount), toolsAt(0, 0))).toMatchObject({ companyLimit });
});

test("it is sent again after one look more, if amoCRM's clock says that it had time to show it", () => {
  expect(lookAgain(messageWith(refused), "the deal", "absent", toolsAt(ABSENT_AT_MS + 9_000, 0))).toBeNull();
});

test("it is looked for on if only our clock says so, which was set forward, and sent again in the end", () => {
  const jumped = toolsAt(ABSENT_AT_MS + 16_000, -14_000);
  const first = lookAgain(messageWith(refused), "the deal", "absent", jumped);
  expect(first).toMatchObject({ kind: "unanswered", code: "looked_up", lookCount: 1 });
  expect(lookAgain(messageWith({ ...refused, lookCount: 2 }), "the deal", "absent", jumped)).toBeNull();
});

test("a lost answer is looked for as often as the policy says", () => {
  const later = toolsAt(ABSENT_AT_MS + 3_600_000, 0);
  expect(lookAgain(messageWith({ lookCount: 1 }), "the deal", "absent", later)).toMatchObject({
    lookCount: 2,
  });
  expect(lookAgain(messageWith({ lookCount: 2 }), "the deal", "absent", later)).toBeNull();
});
