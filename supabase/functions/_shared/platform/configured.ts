import { misspeltNames } from "./misspelling.ts";

/** The environment as understood: switched off, complete, or what is wrong with it, by name. */
export type Configured<Access> =
  | { state: "disabled" }
  | { state: "unconfigured"; missing: string[]; message: string }
  | { state: "ready"; access: Access };

type Variables = Readonly<Record<string, string | undefined>>;

/** Names each fault, and the variable that was probably meant where one of a similar name is set. */
export function unconfigured(
  faults: ReadonlyMap<string, string>,
  environment: Variables,
  knownNames: readonly string[],
): { state: "unconfigured"; missing: string[]; message: string } {
  return { state: "unconfigured", ...named(faults, environment, knownNames) };
}

/** The faults in words, and the variables that they are about. */
export function named(
  faults: ReadonlyMap<string, string>,
  environment: Variables,
  knownNames: readonly string[],
): { missing: string[]; message: string } {
  const lookAlikes = misspeltNames(Object.keys(environment), knownNames);
  const message = [...faults]
    .map(([name, fault]) => {
      const alike = lookAlikes.get(name);
      return `${name} ${fault}${alike ? ` (${alike} is set: misspelt?)` : ""}`;
    })
    .join("; ");
  return { missing: [...faults.keys()].sort(), message };
}
