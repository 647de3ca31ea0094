import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { changesClient, changesOutbox, type Mutant } from "./mutant.ts";

/** Mistakes that show only where there are students, too. */
export const MUTANTS_OF_SCHOOL: readonly Mutant[] = [
  {
    name: "an event of the school moves a deal back, or out of won and lost",
    caughtBy: 11,
    ...changesOutbox((outbox) => ({
      claim: async (token, limit) => {
        const { configuration, ...claim } = await outbox.claim(token, limit);
        const settings = { ...configuration.settings, allow_stage_backwards: true };
        return { ...claim, configuration: { ...configuration, settings } };
      },
    })),
  },
  {
    name: "every lesson moves its deal to the same stage",
    caughtBy: 1008,
    ...changesClient((client) => ({
      updateDeals: (changes) =>
        client.updateDeals(
          changes.map(({ deal, ...change }) => ({
            ...change,
            deal: { ...deal, statusId: SEED_IDS.tripwire.lesson67 },
          })),
        ),
    })),
  },
  {
    name: "the sweep tells a lesson again that was delivered",
    caughtBy: 2,
    sql: [
      {
        function: "amocrm.is_lesson_told",
        from: "and outbox.kind = 'lesson.completed'",
        to: "and outbox.kind = 'lesson.completed' and outbox.state <> 'delivered'",
      },
    ],
  },
];
