/** To the minute, in UTC. */
export function timeOf(at: string | null): string {
  return at === null ? "" : new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
