import type { Texts } from "#shared/platform/text.ts";

/** `npm run page` here, `npx amocrm page` where the package is: a page as one file. */
export const PAGE = {
  purpose: {
    en: "Writes a page of the project as one HTML file.",
    ru: "Записывает страницу проекта одним файлом HTML.",
  },
  name: {
    en: "managers (if left out), dashboard, welcome, unsubscribe or card",
    ru: "managers (если не указано), dashboard, welcome, unsubscribe или card",
  },
  url: { en: "https://<project>.supabase.co", ru: "https://<проект>.supabase.co" },
  key: {
    en: "the publishable key, sb_publishable_…: the file is public",
    ru: "публичный ключ, sb_publishable_…: файл виден всем",
  },
  out: { en: "where to; <name>.html if left out", ru: "куда; если не указано, <имя>.html" },
  brand: { en: "the company's name", ru: "название компании" },
  logo: {
    en: "its picture: PNG, JPEG or SVG, 200 KB at most",
    ru: "её картинка: PNG, JPEG или SVG, не больше 200 КБ",
  },
  course: {
    en: "welcome only: where its last button leads",
    ru: "только welcome: куда ведёт последняя кнопка",
  },
  help: {
    en: `
The file needs nothing else: any web server serves it. Its policy lets it run its own script and talk to its project only.

Exit code: 0, 2 for wrong usage.

Example:
  npm run page -- dashboard --url https://<project>.supabase.co --key sb_publishable_… --out dashboard.html`,
    ru: `
Файлу больше ничего не нужно: его отдаёт любой веб-сервер. Он выполняет только свой скрипт и обращается только к своему проекту.

Код завершения: 0; 2 при неверном вызове.

Пример:
  npm run page -- dashboard --url https://<проект>.supabase.co --key sb_publishable_… --out dashboard.html`,
  },
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
  noLogo: { en: "--logo: there is no file {file}", ru: "--logo: файла {file} нет" },
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
