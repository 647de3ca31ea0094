import { asciiDomain } from "../../platform/international-domain.ts";
import type { MailBody } from "../port.ts";

/** A body as Resend takes it: domains such as почта.рф in their ASCII spelling. People and tables have the readable one. */
export function withAsciiDomains(body: MailBody): MailBody {
  return {
    ...body,
    from: asciiAddress(body.from),
    to: body.to.map(asciiAddress),
    ...(body.reply_to === undefined ? {} : { reply_to: asciiAddress(body.reply_to) }),
  };
}

/** `name@domain`, or `Name <name@domain>`. */
function asciiAddress(address: string): string {
  return address.replace(
    /@([^@\s<>]+)(>?)$/,
    (_found, domain: string, end: string) => `@${asciiDomain(domain)}${end}`,
  );
}
