import { populatedEmail, populatedPhone } from "#dev/amocrm-simulator/account/populate.ts";

/** A lead as the form gives it; e-mail and phone are normalised already, which spares the classic flow that work. */
export interface BenchLead {
  full_name: string;
  email: string;
  phone: string;
  source: string;
  utm_source: string;
}

/** Leads of which some are of contacts that amoCRM has already, evenly spread. */
export function benchLeads(count: number, knownCount: number): BenchLead[] {
  return Array.from({ length: count }, (_, index) => {
    const isKnown =
      knownCount > 0 &&
      Math.floor((index * knownCount) / count) < Math.floor(((index + 1) * knownCount) / count);
    const ordinal = index + 1;
    return {
      full_name: `Лид ${ordinal}`,
      email: isKnown ? populatedEmail(ordinal) : `new${ordinal}@bench.example`,
      phone: isKnown ? populatedPhone(ordinal) : `+7916${String(ordinal).padStart(7, "0")}`,
      source: "bench",
      utm_source: "search",
    };
  });
}
