/** `Name <address>`, or the address alone; the domain has a dot, as every service asks. */
const ADDRESS = /^[^\s<>@,;:()"]+@[^\s<>@,;:()".]+(?:\.[^\s<>@,;:()".]+)+$/;
const NAMED = /^(.*)<\s*([^<>]*?)\s*>$/s;
/** Signs that end or split a name unless it is quoted. */
const SPECIAL = /[,;:()<>@"\\]/;

/** Who a mail is from, as services read it. */
export interface SenderAddress {
  /** For the From field: the name in quotes where it has signs that would split it. */
  from: string;
  /** As a person reads it; without one the domain. */
  name: string;
}

/** Reads MAIL_FROM; null if it is no sender that a service takes. */
export function senderAddress(text: string): SenderAddress | null {
  const named = NAMED.exec(text);
  const address = named?.[2] ?? text;
  if (!ADDRESS.test(address)) return null;
  const typed = (named?.[1] ?? "").trim();
  const name = /^".*"$/s.test(typed) ? typed.slice(1, -1).replace(/\\(.)/g, "$1").trim() : typed;
  if (/\p{Cc}/u.test(name)) return null;
  if (name === "") return { from: address, name: address.replace(/^.*@/, "") };
  const shown = SPECIAL.test(name) ? `"${name.replace(/["\\]/g, "\\$&")}"` : name;
  return { from: `${shown} <${address}>`, name };
}
