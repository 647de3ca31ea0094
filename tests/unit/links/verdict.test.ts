import { describe, expect, test } from "vitest";
import { judge } from "#shared/links/go/rules/verdict.ts";

const of = (agent: string | null, headers: Record<string, string> = {}, method = "GET"): string => {
  const { verdict, reason } = judge(
    method,
    new Headers({ ...headers, ...(agent !== null && { "user-agent": agent }) }),
  );
  return `${verdict} ${reason}`;
};

const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID =
  "Mozilla/5.0 (Linux; Android 13; SM-A536B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36";

describe("a person", () => {
  test.each([
    ["Chrome", CHROME],
    ["Safari on a telephone", `${IPHONE} Version/17.5 Mobile/15E148 Safari/604.1`],
    ["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"],
    ["Internet Explorer", "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko"],
    ["Opera Mini", "Opera/9.80 (Android; Opera Mini/36.2/191.249; U; ru) Presto/2.12.423 Version/12.16"],
    ["Yandex's browser", `${CHROME} YaBrowser/24.12.0.0`],
    ["a CUBOT telephone", ANDROID.replace("SM-A536B", "CUBOT NOTE 20")],
    ["a CUBOT X18", ANDROID.replace("SM-A536B", "CUBOT_X18_Plus Build/NRD90M")],
  ])("is taken for one in %s", (_, agent) => {
    expect(of(agent)).toBe("human browser");
  });

  test.each([
    [
      "Instagram on an iPhone",
      `${IPHONE} Mobile/15E148 Instagram 331.0.0.35.97 (iPhone14,5; iOS 17_5; ru_RU)`,
    ],
    [
      "Instagram on a Pixel, where a word for Google's robots stands",
      `${ANDROID} Instagram 331.0.0.37.90 Android (33/13; 420dpi; 1080x2209; Google/google; Pixel 7; panther)`,
    ],
    ["VK on Android", `${ANDROID} VKAndroidApp/8.101-24014 (Android 13; SDK 33; arm64-v8a; samsung; ru)`],
    ["VK on an iPhone", `${IPHONE} Mobile/15E148 com.vk.vkclient/3010`],
    ["Facebook", `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/470.0.0.41.105;FBBV/618;FBLC/ru_RU]`],
    [
      "Telegram on Android",
      `${ANDROID} Telegram-Android/11.4.2 (Samsung SM-A536B; Android 13; SDK 33; AVERAGE)`,
    ],
    ["TikTok", `${ANDROID} musical_ly_2023405030 BytedanceWebview/d8a21c6`],
    ["Viber's own browser", `${ANDROID} Viber/23.7.0`],
  ])("is one in the browser of an app: %s", (_, agent) => {
    expect(of(agent)).toBe("human in_app");
  });
});

describe("a machine", () => {
  test.each([
    ["TelegramBot (like TwitterBot)", "preview telegram"],
    ["WhatsApp/2.24.25.77 A", "preview whatsapp"],
    ["WhatsApp/2.2412.54 N", "preview whatsapp"],
    ["Viber/23.7.0.4 CFNetwork/1568.300.101 Darwin/24.2.0", "preview viber"],
    ["Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)", "preview vk"],
    ["Mozilla/5.0 (compatible; OdklBot/1.0 like Linux; klass@odnoklassniki.ru)", "preview odnoklassniki"],
    ["facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "preview facebook"],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
      "preview facebook",
    ],
    [
      "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
      "preview facebook",
    ],
    ["Twitterbot/1.0", "preview x"],
    [
      "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
      "preview teams",
    ],
    ["Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "preview slack"],
    ["Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "preview discord"],
    [
      "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
      "preview linkedin",
    ],
    ["Microsoft Office Existence Discovery", "scanner office"],
    ["Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "scanner office"],
    [`${CHROME} BingPreview/1.0b`, "scanner office"],
    [
      "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
      "scanner mail_proxy",
    ],
    ["YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "scanner mail_proxy"],
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
      "scanner headless",
    ],
    ["Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "scanner robot"],
    [
      "Mozilla/5.0 (compatible; Linux x86_64; Mail.RU_Bot/2.0; +https://help.mail.ru/webmaster/indexing/robots)",
      "scanner robot",
    ],
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "scanner robot"],
    ["curl/8.5.0", "scanner program"],
    ["python-requests/2.32.3", "scanner program"],
    ["Go-http-client/1.1", "scanner program"],
    [`${CHROME} thirdLandingPageFeInfra`, "prefetch tiktok"],
  ])("is told by its agent: %s", (agent, expected) => {
    expect(of(agent)).toBe(expected);
  });

  test.each([
    ["sec-purpose", "prefetch;prerender"],
    ["sec-purpose", "prefetch;anonymous-client-ip"],
    ["purpose", "prefetch"],
    ["x-purpose", "preview"],
    ["x-moz", "prefetch"],
  ])("is a browser that loads ahead: %s %s", (name, value) => {
    expect(of(CHROME, { [name]: value })).toBe("prefetch header");
  });

  test("asks by HEAD, with whatever browser's agent", () => {
    expect(of(CHROME, {}, "HEAD")).toBe("scanner head");
    expect(of(null, {}, "HEAD")).toBe("scanner head");
    expect(of("TelegramBot (like TwitterBot)", {}, "HEAD")).toBe("preview telegram");
  });
});

test.each([
  ["nothing", null, "unknown no_agent"],
  ["blanks", "   ", "unknown no_agent"],
  ["the bare name that Apple's proxies give", "Mozilla/5.0", "unknown strange_agent"],
  ["a name that nobody knows", "Something/1.0", "unknown strange_agent"],
])("nobody knows who says %s", (_, agent, expected) => {
  expect(of(agent)).toBe(expected);
});

test("an agent made to keep a pattern busy is cut", () => {
  // Half a million letters would keep a pattern busy for minutes that looks at each pair of them.
  expect(of(`Mozilla/5.0 (${"-a".repeat(250_000)}`)).toBe("unknown strange_agent");
});
