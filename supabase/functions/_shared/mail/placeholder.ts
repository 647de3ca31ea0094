import type { Intent, MailBody } from "./port.ts";

/**
 * Stands for the token in a rendered mail. Made of characters that nobody can type and that names are rid of, so no
 * student's name can be taken for it.
 */
export const TOKEN_PLACEHOLDER = "\u{E000}token\u{E000}";

/** The mail as it is sent: the token is put in here and stored nowhere. */
export function withToken({ body, linkToken }: Intent): MailBody {
  if (linkToken === null) return body;
  const filled = (text: string) => text.replaceAll(TOKEN_PLACEHOLDER, linkToken);
  const { headers } = body;
  const filledHeaders =
    headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)])),
        };
  return { ...body, html: filled(body.html), text: filled(body.text), ...filledHeaders };
}
