/** SQLSTATE classes of faults that lie in the data themselves: values the database cannot hold, and rules they break. */
const DATA_FAULT = /^(?:22|23|54)/;

/**
 * The database did not do what it was asked, or its answer cannot be read. Nobody's message is to blame for that, unless the
 * database refuses the very data.
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** The SQL function that was called; empty if it is not known. */
  readonly functionName: string;
  /** Empty if the call did not get as far as to fail with one. */
  readonly sqlState: string;
  readonly isDataFault: boolean;

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.functionName = /^Cannot call (\w+)/.exec(this.message)?.[1] ?? "";
    this.sqlState = sqlStateOf(cause);
    this.isDataFault = DATA_FAULT.test(this.sqlState);
  }
}

/** The SQLSTATE that a failed call carries, as its own cause or that of its cause. */
function sqlStateOf(cause: unknown): string {
  let error = cause;
  while (typeof error === "object" && error !== null) {
    const { code, cause: inner } = error as { code?: unknown; cause?: unknown };
    if (typeof code === "string") return code;
    error = inner;
  }
  return "";
}
