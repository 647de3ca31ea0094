import postgres from "postgres";

/** One connection, so `begin` and `set` mean what they mean in psql. Eight-byte integers come as numbers. */
export type Session = postgres.Sql<{ bigint: number }>;

export interface ConnectOptions {
  /** Default `postgres`, the owner. */
  user?: string;
  /** A role taken on at once, as the Data API does with the role of a key. */
  role?: string;
  onNotice?: (text: string) => void;
}

export interface Sessions {
  connect(options?: ConnectOptions): Session;
  /** From here on sessions are a test's: whoever gets one has it until the test ends. */
  beginTest(): void;
  /**
   * Takes back what the test has opened, for the next one. A session of its own would read the catalogue and plan each
   * function anew, which takes longer than most tests; as behind PostgREST's pool, nothing of the last caller is left in it.
   */
  endTest(): Promise<void>;
  close(): Promise<void>;
}

/**
 * No rollback: whoever leaves a transaction open is told so by the emptying of tables. One that has failed refuses this, and
 * its session is given up.
 */
const FORGET_THE_CALLER =
  "reset all; reset role; unlisten *; close all; discard temp; select pg_advisory_unlock_all()";

/** The sessions of a database, by a function from a user to its connection string. */
export function createSessions(urlOf: (user: string) => string): Sessions {
  const opened = new Set<Session>();
  const free = new Map<string, Session[]>();
  /** Null between tests: what is opened then belongs to the file. */
  let lent: { session: Session; kind: string }[] | null = null;

  async function takeBack({ session, kind }: { session: Session; kind: string }): Promise<void> {
    try {
      await session.unsafe(FORGET_THE_CALLER);
      free.set(kind, [...(free.get(kind) ?? []), session]);
    } catch {
      opened.delete(session);
      await session.end({ timeout: 1 });
    }
  }

  return {
    connect(options = {}) {
      const kind = JSON.stringify([options.user, options.role]);
      const isOwn = options.onNotice !== undefined;
      const session = (isOwn ? undefined : free.get(kind)?.pop()) ?? openSession(urlOf, options);
      opened.add(session);
      if (!isOwn) lent?.push({ session, kind });
      return session;
    },
    beginTest() {
      lent = [];
    },
    async endTest() {
      const ended = lent ?? [];
      lent = null;
      await Promise.all(ended.map(takeBack));
    },
    async close() {
      await Promise.all([...opened].map((session) => session.end({ timeout: 1 })));
    },
  };
}

function openSession(urlOf: (user: string) => string, options: ConnectOptions): Session {
  return postgres(urlOf(options.user ?? "postgres"), {
    max: 1,
    onnotice: (notice) => options.onNotice?.(notice["message"] ?? ""),
    connection: options.role === undefined ? {} : { role: options.role },
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  }) as Session;
}
