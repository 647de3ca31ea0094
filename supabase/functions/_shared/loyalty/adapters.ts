/** The real things behind the ports of loyalty, for the functions. */
export { createQtickets } from "./qtickets/qtickets-connection.ts";
export { createTimepad } from "./timepad/timepad-connection.ts";
