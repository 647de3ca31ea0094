import { expect, it } from "vitest";
import { createPulling, livingIds, mirroredIds } from "./support/pulling.ts";

it.each([414, 400] as const)(
  "deals are read fewer at a time where a proxy refuses long addresses with %i, by their own at last",
  async (long_address_status) => {
    for (const address_max_bytes of [6000, 1500, 400, 125]) {
      const pulling = createPulling(
        { contacts: 300, deals: 300 },
        { lists: { address_max_bytes, long_address_status } },
      );
      await pulling.callAll();
      expect(mirroredIds(pulling.pulls)).toEqual(livingIds(pulling.simulator));
      expect(pulling.pulls.failures).toEqual([]);
    }
  },
);
