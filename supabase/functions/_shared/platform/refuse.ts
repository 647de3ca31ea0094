/** A refusal as all functions tell it: a code for programs, a sentence for people, and what a case adds to them. */
export function refuse(
  status: number,
  code: string,
  message: string,
  more: object = {},
  headers: Record<string, string> = {},
): Response {
  return Response.json({ code, message, ...more }, { status, headers });
}
