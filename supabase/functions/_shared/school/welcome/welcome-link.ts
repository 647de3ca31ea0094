import { TOKEN_PLACEHOLDER } from "../../mail/placeholder.ts";

/** The address of the page with the button. The token is in the fragment, which browsers send to no server: no log has it. */
export function withPlaceholder(pageUrl: string): string {
  return `${pageUrl}#token=${TOKEN_PLACEHOLDER}`;
}

/** The page as it meets somebody who has a password: it leads to the course and opens nothing. */
export function signInLink(pageUrl: string): string {
  return `${pageUrl}#error=password_set`;
}
