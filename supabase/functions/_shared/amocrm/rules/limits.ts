/** Rows that a list gives at most in one page (amocrm-api.md 2.2). */
export const PAGE_SIZE_MAX = 250;

/**
 * Ids in one address: amoCRM takes 250, but what stands before it takes 8 kB of address or less. 150 ids of sixteen digits
 * are below 6 kB with the longest name that a filter has.
 */
export const FILTER_IDS_MAX = 150;

/** So many where they are short, so that their address stays below 6 kB all the same. */
export const SHORT_FILTER_IDS_MAX = 250;
/** What ids and the filter's name may have of an address; the rest is path and what else is asked. */
export const FILTER_MAX_BYTES = 5800;

/** Entities in one create or update, at most; 50 are recommended (amocrm-api.md 2.2). */
export const BATCH_SIZE_MAX = 250;

/** Deals in one `leads/complex`, at most (amocrm-api.md 2.2). */
export const COMPLEX_BATCH_SIZE_MAX = 50;

/** Custom-field values for each entity of `leads/complex`, at most (amocrm-api.md 2.2). */
export const FIELDS_PER_ENTITY_MAX = 40;

/** A single read or write takes under a second at amoCRM; ten mean that it hangs. */
export const SINGLE_TIMEOUT_MS = 10_000;

/** A batch's duration grows with its items: 50 deals with contacts take several seconds. */
export const BATCH_TIMEOUT_MS = 30_000;
