/** What a run of the command has from the process that it runs in: `process` is one. */
export interface Host {
  /** Node and the script stand first, as in a process. */
  readonly argv: readonly string[];
  /** A file of variables adds its own to these. */
  readonly env: Record<string, string | undefined>;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Set when a command has ended. */
  exitCode?: number | string | null | undefined;
  once(event: "SIGINT", listener: () => void): unknown;
}
