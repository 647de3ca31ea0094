/**
 * A queue under test. A message is `{n}`, a number. Claim, give back and settle go through the queue's own code;
 * filling is not timed.
 */
export interface Contestant {
  name: string;
  /** Removes all messages. */
  empty(): Promise<void>;
  /** Makes so many messages ready, each of another person. */
  fill(count: number): Promise<void>;
  /** Makes one stuck person with so many messages waiting, all older than what is filled afterwards. */
  fillStuck(count: number): Promise<void>;
  /** What a maintainer would do after a bulk load. */
  settleDown(): Promise<void>;
  /** Adds so many messages in one call, as an application would. */
  enqueue(count: number): Promise<void>;
  /** Claims up to so many; tells how many it got. */
  claim(size: number): Promise<number>;
  /** Makes ready again what was claimed and is neither given back nor done. */
  giveBack(): Promise<void>;
  /** Settles as done what was claimed and is neither given back nor done. */
  complete(): Promise<void>;
  /** Dead rows and bytes of the table of messages. */
  bloat(): Promise<{ deadCount: number; bytes: number }>;
  close(): Promise<void>;
}
