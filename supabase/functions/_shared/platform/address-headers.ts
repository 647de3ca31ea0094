const NAMES = ["cf-connecting-ip", "x-real-ip", "x-forwarded-for", "fly-client-ip", "true-client-ip"];

/** Headers in which a proxy may have written the visitor's address; which one counts is a setting of the database. */
export type AddressHeaders = Readonly<Record<string, string>>;

/** Those of a request that are there. */
export function addressHeadersOf(headers: Headers): AddressHeaders {
  const found = NAMES.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== null));
}
