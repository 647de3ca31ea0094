import { populatedEmail, populatedPhone } from "#dev/amocrm-simulator/account/populate.ts";

/** A lead as the form gives it; e-mail and phone are normalised already, which spares the classic flow that work. */
export interface BenchLead {
  full_name: string;
  email: string;
  phone: string;
  source: string;
  utm_source: string;
}

/**
 * Another number of up to seven digits for each. People come in no order: addresses that rise with each lead would be put into the
 * indexes always at one place, which leaves their pages half empty.
 */
const scattered = (ordinal: number): number => (ordinal * 7_368_787) % 10_000_000;

/** Leads of which some are of contacts that amoCRM has already, evenly spread. */
export function benchLeads(count: number, knownCount: number): BenchLead[] {
  return Array.from({ length: count }, (_, index) => {
    const isKnown =
      knownCount > 0 &&
      Math.floor((index * knownCount) / count) < Math.floor(((index + 1) * knownCount) / count);
    const ordinal = index + 1;
    return {
      full_name: `Лид ${ordinal}`,
      email: isKnown ? populatedEmail(ordinal) : `${scattered(ordinal).toString(36)}@bench.example`,
      phone: isKnown ? populatedPhone(ordinal) : `+7916${String(scattered(ordinal)).padStart(7, "0")}`,
      source: "bench",
      utm_source: "search",
    };
  });
}
