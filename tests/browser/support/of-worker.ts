export const WORKER_ENDS = Symbol.for("what the files of this worker share, and how it ends");

/** The environment has modules of its own, so that the two meet here. */
export interface WorkerEnds {
  [WORKER_ENDS]?: (() => Promise<unknown>)[];
}

/** Made by the first file of the worker that asks, shared with its later ones, and ended with the worker. */
export function ofWorker<T>(make: () => Promise<T>, end: (made: T) => Promise<unknown>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made === undefined) {
      const ends = (globalThis as WorkerEnds)[WORKER_ENDS];
      if (ends === undefined) throw new Error("this is no worker of the project browser");
      made = make();
      const making = made;
      ends.push(async () => end(await making));
    }
    return made;
  };
}
