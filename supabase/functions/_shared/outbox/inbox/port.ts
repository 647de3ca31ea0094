/** What the inbox says of an event: kept, known already, or that its source has reached its bound. */
type Appended = "stored" | "duplicate" | "full";

/** One event as it is kept. */
interface InboxEvent {
  /** The same when a delivery is repeated: the sender's id of the event, or a hash of what was sent. */
  key: string;
  /** What is needed to work it off; of amoCRM ids only. */
  body: unknown;
  /** True for what the right sender sent and nobody can read: kept with its body for a person to look at. */
  isUnreadable?: boolean;
  /** Which of a source's senders it came from. */
  origin?: string;
  /** Why it cannot be read, without anybody's data. */
  error?: string;
}

/** An event that this worker holds until its claim ends. */
interface ClaimedEvent {
  id: number;
  /** Goes back with the settlement, so that a worker whose claim has ended says nothing. */
  attempt: number;
  key: string;
  origin: string | null;
  body: unknown;
  received_at: string;
}

/** The end of a claim: `again` lets it wait, longer with each attempt. The error is a code, never data of a person. */
interface Settlement {
  id: number;
  attempt: number;
  outcome: "worked" | "unreadable" | "again";
  error?: string;
}

/** Port: the inbox of one source. Throws if the database cannot be asked. */
export interface Inbox {
  append(event: InboxEvent): Promise<Appended>;
  claim(limit: number, seconds: number): Promise<ClaimedEvent[]>;
  /** How many of the claims were still held. */
  settle(settlements: readonly Settlement[]): Promise<number>;
}
