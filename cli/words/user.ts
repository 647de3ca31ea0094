/** The texts of `user`. */
export const USER = {
  purpose: {
    en: "Who may sign in on the pages, and as what.",
    ru: "Кто может войти на страницы и в какой роли.",
  },
  help: {
    en: `
Roles, in the terms of Supabase Auth (app_metadata.role):
  admin          everything
  viewer         sees what admins see, changes nothing
  sales_manager  makes students and looks after them

add makes the account if it is not there, and shows its password once; an account that is there gets the role and keeps its
password. remove takes the role away, not the account. Either counts at the next sign-in, or when the session is
refreshed, within an hour.

Exit code: 0, 1 if Supabase Auth refuses, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- user add --role sales_manager --email anna@school.example
  npm run amocrm -- user remove --email anna@school.example`,
    ru: `
Роли в Supabase Auth (app_metadata.role):
  admin          всё
  viewer         видит то же, что администратор, ничего не меняет
  sales_manager  создаёт учеников и ведёт их

add создаёт учётную запись, если её нет, и один раз показывает пароль; существующая учётная запись получает роль, пароль
остаётся прежним. remove отбирает роль, учётная запись остаётся. И то и другое действует со следующего входа или
обновления сеанса, то есть в течение часа.

Код завершения: 0; 1, если Supabase Auth отказывает; 2 при неверном вызове; 3, если проект не отвечает.

Примеры:
  npm run amocrm -- user add --role sales_manager --email anna@school.example
  npm run amocrm -- user remove --email anna@school.example`,
  },
  email: { en: "whose account", ru: "чья учётная запись" },
  role: {
    en: "with add: admin, viewer or sales_manager",
    ru: "для add: admin, viewer или sales_manager",
  },
  action: { en: "add or remove", ru: "add или remove" },
  needsAction: { en: "user needs add or remove", ru: "Для user нужно указать add или remove" },
  needsEmail: {
    en: "--email is missing or no e-mail address",
    ru: "--email не указан или это не адрес почты",
  },
  needsRole: { en: "--role must be one of {roles}", ru: "--role: одно из {roles}" },
  made: {
    en: "{email} can sign in as {role}. The password, shown this once:",
    ru: "{email} может войти, роль {role}. Пароль показывается один раз:",
  },
  changed: {
    en: "{email} was there and is {role} now; the password stays",
    ru: "Учётная запись {email} уже была, теперь её роль {role}; пароль прежний",
  },
  removed: { en: "{email} has no role any more", ru: "У {email} больше нет роли" },
  absent: { en: "There is no account {email}", ru: "Учётной записи {email} нет" },
  refused: { en: "Supabase Auth refuses: {reason}", ru: "Supabase Auth отказывает: {reason}" },
  unreached: { en: "{url} does not answer", ru: "{url} не отвечает" },
} as const;
