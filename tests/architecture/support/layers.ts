/** What a module of supabase/functions is. */
export type Layer = "entry" | "use case" | "adapter" | "port" | "port with its default" | "pure";

const SHARED = "supabase/functions/_shared";

/**
 * Which module is of which layer: the first pattern that fits decides, and a module that fits none fails the test.
 * A new folder or adapter gets its line here.
 */
const PLACES: readonly (readonly [pattern: RegExp, layer: Layer])[] = [
  [/^supabase\/functions\/[a-z][a-z-]*\/(?:index|ports)\.ts$/, "entry"],
  [
    inShared(
      "(?:admin/port|certificate/port|form/port|mail/port|oauth/port|outbox/port|pull/port|students/port|tokens/port|watch/port|amocrm/client-port|amocrm/request-log|amocrm/transport)\\.ts",
    ),
    "port",
  ],
  [inShared("admin/(?:doctor|find|messages)/port\\.ts"), "port"],
  [inShared("platform/(?:clock|log)\\.ts"), "port with its default"],
  [inShared("platform/(?:body|error-message|json|refuse|settings|misspelling|project|version)\\.ts"), "pure"],
  [inShared("(?:platform|store)/.+\\.ts"), "adapter"],
  [
    inShared(
      "amocrm/(?:host-finder|http-exchange|http-transport|network-failure|note-exchange|static-token|token-endpoint)\\.ts",
    ),
    "adapter",
  ],
  [inShared("amocrm/(?:call|client|client-reads|client-writes)\\.ts"), "adapter"],
  [inShared("certificate/(?:draw-pdf|fonts|fonts/.+)\\.ts"), "adapter"],
  [inShared("certificate/endpoint\\.ts"), "use case"],
  [inShared("admin/(?:answer|request)\\.ts"), "pure"],
  [inShared("admin/(?:choices|messages)/(?:answer|request)\\.ts"), "pure"],
  [inShared("admin/(?:doctor/(?:facts|finding)|find/(?:answer|known))\\.ts"), "pure"],
  [inShared("pull/(?:advance|position)\\.ts"), "pure"],
  [inShared("oauth/(?:integration|page|pages|[a-z]+-pages?)\\.ts"), "pure"],
  [inShared("watch/report\\.ts"), "pure"],
  [inShared("students/(?:request|student)\\.ts"), "pure"],
  [inShared("form/(?:request|settings)\\.ts"), "pure"],
  [inShared("tokens/(?:answers|claims)\\.ts"), "pure"],
  [inShared("(?:admin|drain|form|handlers|oauth|pull|students|tokens|watch)/.+\\.ts"), "use case"],
  [inShared("mail/resend-mailer\\.ts"), "adapter"],
  [inShared("mail/(?:deliver|press|webhook)\\.ts"), "use case"],
  [inShared("mail/.+\\.ts"), "pure"],
  [inShared("(?:amocrm|certificate|outbox)/.+\\.ts"), "pure"],
];

/** Which layers a layer may import. Nothing points outward: rules of the business know no database and no network. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  entry: ["entry", "use case", "adapter", "port", "port with its default", "pure"],
  "use case": ["use case", "port", "pure"],
  adapter: ["adapter", "port", "port with its default", "pure"],
  "port with its default": ["port", "pure"],
  port: ["port", "pure"],
  pure: ["pure"],
};

/** Layers whose types everybody may name: the interfaces through which the layers meet. */
const TYPES_FOR_ALL: readonly Layer[] = ["port", "port with its default"];

function inShared(rest: string): RegExp {
  return new RegExp(`^${SHARED}/${rest}$`);
}

/** The layer of a module by its path; undefined when the table has no line for it. */
export function layerOf(file: string): Layer | undefined {
  return PLACES.find(([pattern]) => pattern.test(file))?.[1];
}

/** Whether a module of one layer may import from one of another. */
export function mayImport(from: Layer, to: Layer, isTypeOnly: boolean): boolean {
  return MAY_IMPORT[from].includes(to) || (isTypeOnly && TYPES_FOR_ALL.includes(to));
}
