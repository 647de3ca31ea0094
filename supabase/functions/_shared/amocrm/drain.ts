/** The drain of the queue to amoCRM, and the marker field that it looks for. */
export { drain } from "./drain/drain.ts";
export { findOrMakeMarker, MARKER } from "./drain/marker.ts";
export type { Outbox } from "./drain/port.ts";
