import type { Texts } from "#shared/platform/text.ts";

/** `npm run dev`: its help, and what it says while it is up. */
export const DEV = {
  description: {
    en: "Starts Postgres, the API, the edge functions under Deno and an amoCRM simulator, and stays up.",
    ru: "Запускает Postgres, API, функции под Deno и симулятор amoCRM и не завершается.",
  },
  keep: {
    en: "keep the database in .dev/data; default: empty at each start",
    ru: "хранить базу в .dev/data; по умолчанию она при каждом запуске пустая",
  },
  port: { en: "port of the API; default: a free one", ru: "порт API; по умолчанию любой свободный" },
  stackFile: {
    en: "where to write the addresses, keys and process ids; default: .dev/stack.json",
    ru: "куда записать адреса, ключи и номера процессов; по умолчанию .dev/stack.json",
  },
  dbUrl: {
    en: "an outside Postgres with the real extensions; {user} in it stands for the role",
    ru: "внешний Postgres с настоящими расширениями; {user} в адресе заменяет роль",
  },
  oauth: {
    en: "give the functions an integration instead of a token, to try npm run amocrm -- connect",
    ru: "дать функциям интеграцию вместо токена, чтобы попробовать npm run amocrm -- connect",
  },
  traffic: {
    en: "leave made-up leads all the time, so that the dashboard has something to show; into the simulator only",
    ru: "всё время оставлять выдуманные заявки, чтобы панели было что показать; только в симулятор",
  },
  trafficOutside: {
    en: "--traffic is for the simulator; AMOCRM_BASE_URL or AMOCRM_SUBDOMAIN names an account",
    ru: "--traffic только для симулятора, а AMOCRM_BASE_URL или AMOCRM_SUBDOMAIN называет аккаунт",
  },
  help: {
    en: `
Variables of the functions (AMOCRM_*, RESEND_*, MAIL_*, WELCOME_PAGE_URL, ADMIN_EMAIL) are taken from the environment.
While it runs, .dev/stack.json.env stands for supabase secrets set: NAME=value sets one, NAME= takes one away, at the next second.
With AMOCRM_BASE_URL or AMOCRM_SUBDOMAIN set no simulator is started: leads go to that account.
With RESEND_API_KEY or RESEND_BASE_URL set real mails go out; else a simulator takes them and shows them.

Examples:
  npm run dev
  npm run dev -- --keep --port 54321
  npm run dev -- --oauth
  npm run dev -- --traffic
  npm run dev -- --stack-file /tmp/second.json
  npm run dev -- --db-url 'postgresql://{user}:postgres@127.0.0.1:54322/postgres'
  AMOCRM_SUBDOMAIN=company AMOCRM_ACCESS_TOKEN=… npm run dev`,
    ru: `
Переменные функций (AMOCRM_*, RESEND_*, MAIL_*, WELCOME_PAGE_URL, ADMIN_EMAIL) берутся из окружения.
Пока команда работает, файл .dev/stack.json.env заменяет supabase secrets set: NAME=value задаёт, NAME= убирает, не позже чем через секунду.
Если задана AMOCRM_BASE_URL или AMOCRM_SUBDOMAIN, симулятора нет: заявки идут в этот аккаунт.
Если задана RESEND_API_KEY или RESEND_BASE_URL, уходят настоящие письма; иначе их принимает и показывает симулятор.

Примеры:
  npm run dev
  npm run dev -- --keep --port 54321
  npm run dev -- --oauth
  npm run dev -- --traffic
  npm run dev -- --stack-file /tmp/second.json
  npm run dev -- --db-url 'postgresql://{user}:postgres@127.0.0.1:54322/postgres'
  AMOCRM_SUBDOMAIN=company AMOCRM_ACCESS_TOKEN=… npm run dev`,
  },
  usage: { en: "Usage:", ru: "Вызов:" },
  options: { en: "Options:", ru: "Флаги:" },
  helpFlag: { en: "display help for command", ru: "показать эту справку" },
  lang: { en: "language; default: the shell's", ru: "язык; по умолчанию язык оболочки" },
  badPort: { en: "It must be a number from 1 to 65535.", ru: "Нужно число от 1 до 65535." },
  badDbUrl: {
    en: "It must begin with postgresql:// and have {user} where the role's name stands, since several roles connect.",
    ru: "Адрес должен начинаться с postgresql://, а на месте имени роли стоять {user}: подключаются разные роли.",
  },
  oauthOutside: {
    en: "--oauth is for the simulator: unset AMOCRM_BASE_URL and AMOCRM_SUBDOMAIN.",
    ru: "--oauth только для симулятора: уберите AMOCRM_BASE_URL и AMOCRM_SUBDOMAIN.",
  },
  notStarted: { en: "The stack did not start. {reason}", ru: "Стенд не запустился. {reason}" },
  restarted: {
    en: "{part} ended and is up again (process {pid})",
    ru: "{part}: завершился и снова работает (процесс {pid})",
  },
  nothing: { en: "nothing", ru: "нет" },
  variables: {
    en: "Variables: {set} set, {unset} taken away. The functions start again.",
    ru: "Переменные: заданы {set}, убраны {unset}. Функции запускаются заново.",
  },
  fixed: {
    en: "{names}: only in the environment of npm run dev, which says where leads go",
    ru: "{names}: только в окружении npm run dev, оно решает, куда идут заявки",
  },
  authMail: {
    en: "Supabase Auth would mail to {to}: {link}",
    ru: "Supabase Auth отправил бы на {to}: {link}",
  },
  replaced: {
    en: "Another stack is running (process {pid}) and its {file} is replaced now: pass --stack-file to keep both.",
    ru: "Уже работает другой стенд (процесс {pid}), его {file} сейчас заменяется: чтобы сохранить оба, укажите --stack-file.",
  },
} as const satisfies Texts;

/** What `npm run dev` prints once everything is up. */
export const BANNER = {
  simulator: {
    en: "amoCRM: the simulator at {url}. Nothing leaves this machine.",
    ru: "amoCRM: симулятор на {url}. Ничего не уходит с этой машины.",
  },
  account: {
    en: `amoCRM: WRITES TO {url}
Every lead posted here becomes a contact and a deal in that account.
Unset AMOCRM_BASE_URL and AMOCRM_SUBDOMAIN to use the simulator instead.`,
    ru: `amoCRM: ПИШЕТ В {url}
Каждая заявка отсюда станет контактом и сделкой в этом аккаунте.
Чтобы работал симулятор, уберите AMOCRM_BASE_URL и AMOCRM_SUBDOMAIN.`,
  },
  mailShown: {
    en: "Mail: shown at {url}. None is sent.",
    ru: "Почта: письма видны на {url}, ни одно не уходит.",
  },
  mailSent: {
    en: `MAIL: REAL MAILS GO OUT TO EACH NEW STUDENT
Unset RESEND_API_KEY and RESEND_BASE_URL to use the simulator instead.`,
    ru: `ПОЧТА: КАЖДОМУ НОВОМУ УЧЕНИКУ УХОДИТ НАСТОЯЩЕЕ ПИСЬМО
Чтобы работал симулятор, уберите RESEND_API_KEY и RESEND_BASE_URL.`,
  },
  api: { en: "API", ru: "API" },
  functions: { en: "Functions", ru: "Функции" },
  database: { en: "Database", ru: "База" },
  managers: { en: "Managers", ru: "Менеджеры" },
  dashboard: { en: "Dashboard", ru: "Панель" },
  card: { en: "Card", ru: "Карта" },
  details: { en: "Details", ru: "Подробно" },
  variables: { en: "Variables", ru: "Переменные" },
  outside: {
    en: "outside, with its own extensions (--db-url)",
    ru: "внешняя, со своими расширениями (--db-url)",
  },
  empty: { en: "empty at each start (--keep keeps it)", ru: "при каждом запуске пустая (--keep сохранит)" },
  kept: { en: "kept in {folder}", ru: "хранится в {folder}" },
  detailsAre: {
    en: "{file} (keys, addresses, process ids; removed at the end)",
    ru: "{file} (ключи, адреса, номера процессов; в конце удаляется)",
  },
  variablesAre: {
    en: "{file} (yours to make: a line NAME=value is what supabase secrets set is on a hosted project)",
    ru: "{file} (создайте сами: строка NAME=value здесь то же, что supabase secrets set в облаке)",
  },
  signIn: {
    en: "Sign in on the pages (passwords of this start, also in the file of details):",
    ru: "Вход на страницы (пароли этого запуска, они есть и в файле «Подробно»):",
  },
  admin: { en: "may everything", ru: "может всё" },
  viewer: {
    en: "looks at the dashboard, changes nothing",
    ru: "смотрит панель, не меняет ничего",
  },
  manager: {
    en: "makes students and looks after them",
    ru: "создаёт учеников и следит за ними",
  },
  connect: {
    en: "Connect amoCRM, in a browser on this machine:",
    ru: "Подключите amoCRM, в браузере на этой машине:",
  },
  route: {
    en: "Say where leads go (without --yes it asks):",
    ru: "Скажите, куда идут заявки (без --yes спросит):",
  },
  post: {
    en: "Post a lead as a visitor of the landing page:",
    ru: "Отправьте заявку, как посетитель лендинга:",
  },
  see: { en: "See what became of it: {one}, or {other}", ru: "Что с ней стало: {one} или {other}" },
  end: {
    en: "Break something, and mend it: {place}. Stop with Ctrl-C.",
    ru: "Сломайте что-нибудь и почините: {place}. Завершить: Ctrl-C.",
  },
  rehearsal: { en: "docs/operate/rehearsal.md", ru: "docs/operate/rehearsal.ru.md" },
} as const satisfies Texts;
