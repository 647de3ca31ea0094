/** Who opened a link, as far as one request tells; the database corrects it by its neighbours. */
export interface Verdict {
  verdict: "human" | "preview" | "scanner" | "prefetch" | "unknown";
  /** The sign by which it was found. */
  reason: string;
}

/** No browser says more of itself; what is longer was made to keep a pattern busy. */
const AGENT_MAX = 500;

/** Messengers and networks that show a picture of the page where a link is written. */
const PREVIEWS: readonly (readonly [RegExp, string])[] = [
  [/\bTelegramBot\b/, "telegram"],
  // The messengers themselves; pages that are opened in their own browsers begin with Mozilla.
  [/^WhatsApp\//, "whatsapp"],
  [/^Viber\b/i, "viber"],
  [/\bvkShare\b/i, "vk"],
  [/\bOdklBot\b/i, "odnoklassniki"],
  // Also iMessage and Apple's notes, which take this name together with Twitter's.
  [/\bfacebookexternalhit\b|\bFacebot\b|\bmeta-external[a-z]+\b/i, "facebook"],
  [/\bTwitterbot\b/i, "x"],
  [/\bSkypeUriPreview\b/i, "teams"],
  [/\bSlackbot\b|\bSlack-ImgProxy\b/i, "slack"],
  [/\bDiscordbot\b/i, "discord"],
  [/\bLinkedInBot\b/i, "linkedin"],
  [
    /\bPinterestbot\b|\bredditbot\b|\bSnap URL Preview\b|\bkakaotalk-scrap\b|\bIframely\b|\bEmbedly\b/i,
    "network",
  ],
];

/** Gateways and proxies of mail that say who they are, programs, and robots of all sorts. */
const SCANNERS: readonly (readonly [RegExp, string])[] = [
  [/\bMicrosoft Office\b|\bms-office\b|\bBingPreview\b|\bSafeLinks\b/i, "office"],
  [/\bGoogleImageProxy\b|\bYahooMailProxy\b/i, "mail_proxy"],
  [/\bBarracuda\b|\bMimecast\b|\bProofpoint\b|\bTrend ?Micro\b|\bSymantec\b/i, "mail_gateway"],
  [/\bHeadlessChrome\b|\bPhantomJS\b/i, "headless"],
  [
    /^(?:curl|wget|python|go-http-client|okhttp|java|axios|node|undici|libwww-perl|postmanruntime|apache-httpclient|dart|ruby|php|guzzlehttp|aiohttp|httpx|deno|bun|faraday)\b/i,
    "program",
  ],
  // Whole words only: CUBOT makes telephones. An address after a plus sign is how robots introduce themselves.
  [/(?<![a-z])(?!cubot)[a-z-]*bot(?=[\s/;),.]|$)/i, "robot"],
  [/\b(?:crawler|spider)\b|\+https?:/i, "robot"],
];

/** Browsers inside of apps: their names are those of networks whose previews are machines, and the callers are people. */
const IN_APP =
  /\bInstagram\b|\bVKAndroidApp\b|\bcom\.vk\.|\bFBA[NV]\b|\bFB_IAB\b|\bTelegram-Android\b|\bViber\b|\bWhatsApp\b|\bmusical_ly\b|\bBytedanceWebview\b|\bYaApp|\bOKApp\b/;
const BROWSER =
  /^(?:Mozilla\/[45]\.0 \(.*(?:AppleWebKit|Gecko|Trident|Presto)|Mozilla\/4\.0 \(compatible; MSIE|Opera\/\d)/;

/** Judges one request by its method and headers alone. */
export function judge(method: string, headers: Headers): Verdict {
  const agent = (headers.get("user-agent") ?? "").trim().slice(0, AGENT_MAX);
  if (isFetchedAhead(headers)) return { verdict: "prefetch", reason: "header" };
  // TikTok's app loads the pages of links that are merely on the screen.
  if (agent.includes("thirdLandingPageFeInfra")) return { verdict: "prefetch", reason: "tiktok" };
  const preview = nameIn(agent, PREVIEWS);
  if (preview !== undefined) return { verdict: "preview", reason: preview };
  const scanner = nameIn(agent, SCANNERS);
  if (scanner !== undefined) return { verdict: "scanner", reason: scanner };
  if (method !== "GET") return { verdict: "scanner", reason: "head" };
  if (agent === "") return { verdict: "unknown", reason: "no_agent" };
  if (!BROWSER.test(agent)) return { verdict: "unknown", reason: "strange_agent" };
  return { verdict: "human", reason: IN_APP.test(agent) ? "in_app" : "browser" };
}

/** What a browser loads because somebody might click soon. */
function isFetchedAhead(headers: Headers): boolean {
  const said = ["sec-purpose", "purpose", "x-purpose", "x-moz"].map((name) => headers.get(name) ?? "");
  return /\b(?:prefetch|prerender|preview)\b/i.test(said.join(" "));
}

function nameIn(agent: string, names: readonly (readonly [RegExp, string])[]): string | undefined {
  return names.find(([pattern]) => pattern.test(agent))?.[1];
}
