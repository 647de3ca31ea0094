import type { Texts } from "#shared/platform/text.ts";

/** `npm run page`: builds a page as one file. */
export const PAGE = {
  usage: {
    en: `npm run page -- [managers|dashboard|welcome|unsubscribe|card] --url https://<project>.supabase.co --key sb_publishable_… [--out managers.html]
  --brand "School of sales" --logo logo.png   the company's name and picture (PNG, JPEG or SVG, 200 KB at most)
  --course https://school.example/course   welcome only: where its last button leads
Without --url and --key: for the local stack that is running (npm run dev).`,
    ru: `npm run page -- [managers|dashboard|welcome|unsubscribe|card] --url https://<проект>.supabase.co --key sb_publishable_… [--out managers.html]
  --brand "Школа продаж" --logo logo.png   название компании и картинка (PNG, JPEG или SVG, не больше 200 КБ)
  --course https://school.example/course   только welcome: куда ведёт последняя кнопка
Без --url и --key: для запущенного локального стенда (npm run dev).`,
  },
  noProject: {
    en: "No project is named, and there is no local stack at {file}",
    ru: "Проект не назван, а локального стенда в {file} нет",
  },
  together: { en: "--url and --key belong together", ru: "--url и --key указывают вместе" },
  badUrl: { en: "{flag} is not an http or https URL", ru: "{flag}: нужен адрес http или https" },
  secretKey: {
    en: "--key is not a publishable key (sb_publishable_…) or an anon key",
    ru: "--key: нужен публичный ключ (sb_publishable_… или anon)",
  },
  logoType: { en: "--logo is no .png, .jpg or .svg", ru: "--logo: нужен файл .png, .jpg или .svg" },
  logoLarge: { en: "--logo is larger than 200 KB", ru: "--logo больше 200 КБ" },
  noPage: { en: "There is no page {name}", ru: "Страницы {name} нет" },
  noCourse: {
    en: "Without --course the page cannot lead on to the course once the password is set.",
    ru: "Без --course страница не сможет привести на курс, когда пароль задан.",
  },
  wrote: {
    en: "Wrote {file} ({size} KB). Put it on any web server, or open it as it is.",
    ru: "Записано в {file} ({size} КБ). Положите файл на любой веб-сервер или откройте как есть.",
  },
} as const satisfies Texts;
