/** What `--modules` takes, in the order of the dependencies. */
export const MODULES = [
  "amocrm",
  "mail",
  "school",
  "forms",
  "sms",
  "links",
  "followups",
  "analytics",
  "loyalty",
  "dashboard",
] as const;
export type Module = (typeof MODULES)[number];

/** What a module is of no use without. */
const NEEDS: Readonly<Record<Module, readonly Module[]>> = {
  amocrm: [],
  mail: ["amocrm"],
  // A student's welcome is a mail.
  school: ["amocrm", "mail"],
  forms: ["amocrm"],
  sms: ["amocrm"],
  links: ["amocrm"],
  followups: ["amocrm", "mail", "school", "links"],
  // Views and a job: it has no function of its own.
  analytics: ["amocrm"],
  // amoCRM is optional to it, but its queue, its cron and its inbox are not.
  loyalty: ["amocrm", "mail", "school", "links", "followups"],
  // A page and what it asks: the functions of amocrm, and the funnel.
  dashboard: ["amocrm", "analytics"],
};

/** Whose a function is, by how its name begins; undefined for a name that nobody has told apart yet. */
export function moduleOf(slug: string): Module | undefined {
  const beginnings: readonly (readonly [RegExp, Module])[] = [
    [/^amocrm-/, "amocrm"],
    [/^(mail|message)-/, "mail"],
    [/^tripwire-/, "school"],
    [/^form-/, "forms"],
    [/^sms-/, "sms"],
    [/^go$/, "links"],
    [/^unsubscribe$/, "followups"],
    [/^(loyalty|qtickets|unisender|vk|telegram|instagram)-/, "loyalty"],
  ];
  return beginnings.find(([beginning]) => beginning.test(slug))?.[1];
}

/** Why a list of modules cannot be taken. */
export type ModuleFault = { kind: "unknown"; name: string } | { kind: "none" };

export interface ModuleChoice {
  /** As they were typed. */
  named: Module[];
  modules: Module[];
  /** Those that nobody named, with the one that needs them. */
  added: { name: Module; for: Module }[];
}

/** The modules of `--modules a,b`, with what they need. */
export function chooseModules(list: string): ModuleChoice | ModuleFault {
  const names = list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) return { kind: "none" };
  for (const name of names) {
    if (!isModule(name)) return { kind: "unknown", name };
  }
  const named = names.filter(isModule);
  const added = new Map<Module, Module>();
  for (const name of named) {
    for (const needed of NEEDS[name]) if (!named.includes(needed)) added.set(needed, name);
  }
  return {
    named,
    modules: MODULES.filter((name) => named.includes(name) || added.has(name)),
    added: [...added].map(([name, of]) => ({ name, for: of })),
  };
}

/** What cannot stay without these, themselves included. */
export function withDependents(names: readonly Module[]): Module[] {
  return MODULES.filter(
    (name) => names.includes(name) || NEEDS[name].some((needed) => names.includes(needed)),
  );
}

function isModule(name: string): name is Module {
  return (MODULES as readonly string[]).includes(name);
}
