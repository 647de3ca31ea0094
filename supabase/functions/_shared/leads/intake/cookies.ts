/** What of a visitor's cookies says where he came from; no other is anybody's business. */
const KEPT = ["_ga", "_ym_uid", "_fbc", "_fbp"];
const UTM = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"];
const VALUE_MAX = 300;

/** What the cookies that Tilda passes on say of where the visitor came from. */
export function readCookies(text: string): { utm: Record<string, string>; cookies: Record<string, string> } {
  const all = new Map(
    text.split(";").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair.trim(), ""] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
  const cookies = KEPT.flatMap((name) => {
    const value = all.get(name);
    return value ? [[name, value.slice(0, VALUE_MAX)] as const] : [];
  });
  return { utm: readUtm(all.get("TILDAUTM") ?? ""), cookies: Object.fromEntries(cookies) };
}

/** `utm_source=x|||utm_campaign=y`, encoded once or twice; some pages separate by `|||amp;`. */
function readUtm(value: string): Record<string, string> {
  const pairs = decoded(decoded(value))
    .split(/\|\|\|(?:amp;)?/)
    .flatMap((pair) => {
      const at = pair.indexOf("=");
      const name = pair.slice(0, at).trim().toLowerCase();
      const text = pair.slice(at + 1).trim();
      return at > 0 && UTM.includes(name) && text !== "" ? [[name, text.slice(0, 1000)] as const] : [];
    });
  return Object.fromEntries(pairs);
}

/** A percent sequence that is none stays as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (sequence) => {
    try {
      return decodeURIComponent(sequence);
    } catch {
      return sequence;
    }
  });
}
