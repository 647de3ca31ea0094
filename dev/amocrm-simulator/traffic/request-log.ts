/** One request as the simulator met it; times by the simulator's clock. */
export interface LogEntry {
  id: number;
  received_at_ms: number;
  method: string;
  path: string;
  query: string;
  /** Null while the request is open, or when it ended without an answer. */
  status: number | null;
  ending: "open" | "answered" | "reset" | "hang";
  duration_ms: number | null;
  item_count: number;
  /** The kind of fault that struck, `rate` and `blocked` for the limiter's own refusals. */
  fault: string | null;
  client_id: string | null;
  body?: string;
}

/** The requests in the order they came; the oldest fall out at the limit. */
export class RequestLog {
  readonly #entries: LogEntry[] = [];
  #nextId = 1;

  open(entry: Omit<LogEntry, "id" | "status" | "ending" | "duration_ms">, max: number): LogEntry {
    const opened: LogEntry = {
      id: this.#nextId++,
      status: null,
      ending: "open",
      duration_ms: null,
      ...entry,
    };
    this.#entries.push(opened);
    // Dropping a tenth at a time keeps a full log cheap.
    if (this.#entries.length > max) this.#entries.splice(0, Math.max(1, Math.floor(max / 10)));
    return opened;
  }

  /** Entries after an id, so that a watcher can ask for what is new. */
  entries(afterId = 0): LogEntry[] {
    return this.#entries.filter((entry) => entry.id > afterId);
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
