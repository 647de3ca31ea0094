/** A host as people have it: a version of Node and one of npm, both from npm's registry. */
export interface Host {
  node: string;
  npm: string;
}

/** The oldest and the newest of what is supported, and what Node 20 and 22 bring by themselves. */
export const SUPPORTED: readonly Host[] = [
  { node: "20.20.2", npm: "10.9.9" },
  { node: "20.20.2", npm: "11.19.1" },
  { node: "22.18.0", npm: "10.9.9" },
  { node: "22.11.0", npm: "11.21.2" },
  { node: "24.21.0", npm: "11.21.2" },
  { node: "26.12.1", npm: "11.21.2" },
  { node: "26.12.1", npm: "12.2.2" },
];

/** Must be refused at once, in a sentence. */
export const REFUSED: readonly Host[] = [{ node: "18.20.8", npm: "10.9.9" }];
