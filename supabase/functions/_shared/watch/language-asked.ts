import { LANGUAGES, type Language } from "../platform/text.ts";

/** The language that a request asks for: `?lang=`, else the first known one of Accept-Language; null if it says nothing. */
export function languageAsked(request: Request): Language | null {
  const named = new URL(request.url).searchParams.get("lang");
  return known(named ?? "") ?? preferred(request.headers.get("accept-language") ?? "");
}

function preferred(header: string): Language | null {
  const wishes = header.split(",").map((wish) => {
    const [tag = "", ...parameters] = wish.trim().split(/\s*;\s*/);
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice("q=".length);
    return { language: known(tag), weight: weight === undefined ? 1 : Number(weight) };
  });
  const [first] = wishes
    .filter(({ language, weight }) => language !== null && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return first?.language ?? null;
}

/** `ru` and `ru-RU` are Russian. */
function known(tag: string): Language | null {
  const [language = ""] = tag.toLowerCase().split("-");
  return LANGUAGES.find((one) => one === language) ?? null;
}
