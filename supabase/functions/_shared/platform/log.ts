/** Values that may stand in a log line: ids, codes, counts, times. Never a name, address, phone or token. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Port: structured log, one line an event. */
export type Log = (level: "info" | "warn" | "error", event: string, facts?: LogFacts) => void;

/** Writes one JSON object a line to the console, where the platform collects it. */
export const consoleLog: Log = (level, event, facts = {}) => {
  console[level](JSON.stringify({ level, event, ...facts }));
};
