/** The screens, in the order of their tabs. */
export const SCREENS = [
  "now",
  "messages",
  "person",
  "funnel",
  "pace",
  "decisions",
  "bulk",
  "settings",
  "loyalty",
] as const;
/** Screens without a tab of their own, and the one under which each stands. */
const WITHIN = {
  message: "messages",
  members: "loyalty",
  member: "loyalty",
  campaigns: "loyalty",
  campaign: "loyalty",
} as const;
export type Tab = (typeof SCREENS)[number];
export type Screen = Tab | keyof typeof WITHIN;

const isWithin = (screen: string): screen is keyof typeof WITHIN => Object.hasOwn(WITHIN, screen);
export const tabOf = (screen: Screen): Tab => (isWithin(screen) ? WITHIN[screen] : screen);

/** What stands in the address: a link to it shows a colleague the same. */
export interface Route {
  screen: Screen;
  filter: Readonly<Record<string, string>>;
}

export function readRoute(): Route {
  const { view = "now", ...filter } = Object.fromEntries(new URLSearchParams(location.search));
  const known = isWithin(view) ? view : SCREENS.find((screen) => screen === view);
  return { screen: known ?? "now", filter };
}

export function addressOf({ screen, filter }: Route): string {
  const parameters = Object.entries(filter).filter(([, value]) => value !== "");
  return `?${new URLSearchParams([["view", screen], ...parameters])}`;
}

/** The words of the search field as part of a filter: a number of ours, deal:123, an address or a phone number. */
export function searched(words: string): Record<string, string> {
  const text = words.trim();
  if (text === "") return {};
  const deal = /^(?:deal|сделка)[:\s#]*(\d{1,16})$/i.exec(text)?.[1];
  if (deal !== undefined) return { deal_id: deal };
  if (text.includes("@")) return { email: text };
  if (/^#?\d{1,9}$/.test(text)) return { id: text.replace("#", "") };
  return { phone: text };
}

const NUMBERS = ["id", "deal_id", "contact_id", "person_id", "attempts_min"];
const WORDS = [
  "queue",
  "kind",
  "source",
  "lane",
  "error_group",
  "error_code",
  "email",
  "phone",
  "subject_id",
  "since",
  "until",
];

/** The filter as the database takes it. What the address holds beside that is not passed on. */
export function filterOf(filter: Route["filter"]): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const name of NUMBERS) if (/^\d{1,16}$/.test(filter[name] ?? "")) told[name] = Number(filter[name]);
  for (const name of WORDS) if (filter[name]) told[name] = filter[name];
  if (filter["states"]) told["states"] = filter["states"].split(",");
  return told;
}
