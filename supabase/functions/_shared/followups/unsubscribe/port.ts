/** Port: withdraws whom a token stands for. Throws if the database cannot be asked. */
export interface WayOut {
  unsubscribe(token: string): Promise<"withdrawn" | "again" | "unknown">;
}
