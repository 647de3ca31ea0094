import type { Sayings } from "../../doctor/words.ts";

/** What doctor says of the database: migrations, cron, Vault, and its calls of the functions. */
export const DATABASE = {
  database_ok: {
    says: {
      en: "Migrations of version {version}, extensions and triggers are there",
      ru: "Миграции версии {version}, расширения и триггеры на месте",
    },
  },
  migrations_missing: {
    says: { en: "The migrations are not all there", ru: "Применены не все миграции" },
    mend: { en: "npx supabase db push", ru: "npx supabase db push" },
  },
  database_failed: {
    says: { en: "The database cannot be asked: {reason}", ru: "Базу не удалось опросить: {reason}" },
    mend: {
      en: "dashboard, Edge Functions, amocrm-admin, logs",
      ru: "панель, Edge Functions, amocrm-admin, логи",
    },
  },
  database_unasked: {
    says: {
      en: "Everything else is unknown until the database answers",
      ru: "Остальное неизвестно, пока база не ответит",
    },
  },
  version_differs: {
    says: {
      en: "The database is of version {database}, the functions of {functions}",
      ru: "База версии {database}, функции версии {functions}",
    },
    mend: {
      en: "npx supabase db push; npx supabase functions deploy",
      ru: "npx supabase db push; npx supabase functions deploy",
    },
  },
  extension_missing: {
    says: { en: "The extension {name} is not installed", ru: "Расширение {name} не установлено" },
    mend: { en: "{remedy}", ru: "{remedy}" },
  },
  trigger_missing: {
    says: {
      en: "The trigger {name} on {table} is gone: what is saved there may never reach amoCRM",
      ru: "Нет триггера {name} на {table}: сохранённое там может не дойти до amoCRM",
    },
    mend: {
      en: "create it again as in supabase/migrations",
      ru: "создайте его снова, как в supabase/migrations",
    },
  },
  trigger_off: {
    says: {
      en: "The trigger {name} on {table} is off: what is saved there may never reach amoCRM",
      ru: "Триггер {name} на {table} выключен: сохранённое там может не дойти до amoCRM",
    },
    mend: {
      en: "alter table public.{table} enable trigger {name}",
      ru: "alter table public.{table} enable trigger {name}",
    },
  },
  cron_ok: {
    says: { en: "All {count} jobs run", ru: "Все задания работают ({count})" },
  },
  cron_young: {
    says: {
      en: "All {count} jobs are there; some have not had their first turn yet",
      ru: "Все задания на месте ({count}); до некоторых очередь ещё не дошла",
    },
  },
  cron_unasked: {
    says: { en: "Unknown without pg_cron", ru: "Без pg_cron неизвестно" },
  },
  cron_silent: {
    says: {
      en: "No job has run for {minutes} min: pg_cron stands still",
      ru: "Ни одно задание не запускалось {minutes} мин: pg_cron стоит",
    },
    mend: {
      en: "dashboard, project settings, General: restart the project",
      ru: "панель, настройки проекта, General: перезапустите проект",
    },
  },
  run_log_clashes: {
    says: {
      en: "No job can run: the log of their runs came with a restored dump and has higher numbers than pg_cron counts by now",
      ru: "Задания не запускаются: журнал запусков восстановлен из дампа, и номера в нём больше, чем успел насчитать pg_cron",
    },
    mend: { en: "select amocrm_schedule_jobs()", ru: "select amocrm_schedule_jobs()" },
  },
  jobs_missing: {
    says: {
      en: "None of our jobs is there: was pg_cron switched off and on again?",
      ru: "Нет ни одного нашего задания: pg_cron выключали и включали снова?",
    },
    mend: { en: "select amocrm_schedule_jobs()", ru: "select amocrm_schedule_jobs()" },
  },
  job_missing: {
    says: { en: "The job {name} is gone", ru: "Задания {name} нет" },
    mend: { en: "select amocrm_schedule_jobs()", ru: "select amocrm_schedule_jobs()" },
  },
  job_off: {
    says: { en: "The job {name} is switched off", ru: "Задание {name} выключено" },
    mend: {
      en: "select cron.alter_job((select jobid from cron.job where jobname = '{name}'), active := true)",
      ru: "select cron.alter_job((select jobid from cron.job where jobname = '{name}'), active := true)",
    },
  },
  job_failing: {
    says: {
      en: "The last run of {name} failed: {message}",
      ru: "Последний запуск {name} завершился ошибкой: {message}",
    },
    mend: {
      en: "select * from cron.job_run_details order by runid desc limit 20",
      ru: "select * from cron.job_run_details order by runid desc limit 20",
    },
  },
  job_silent: {
    says: { en: "{name} has not run for {minutes} min", ru: "{name} не запускалось {minutes} мин" },
    mend: {
      en: "select * from cron.job_run_details order by runid desc limit 20",
      ru: "select * from cron.job_run_details order by runid desc limit 20",
    },
  },
  vault_ok: {
    says: { en: "URL and key are set: {url}", ru: "Адрес и ключ заданы: {url}" },
  },
  vault_unasked: {
    says: { en: "Unknown without supabase_vault", ru: "Без supabase_vault неизвестно" },
  },
  vault_unreadable: {
    says: {
      en: "Vault's secrets cannot be decrypted: was this database restored from another project?",
      ru: "Секреты Vault не расшифровываются: база восстановлена из другого проекта?",
    },
    mend: { en: "npm run amocrm -- setup", ru: "npm run amocrm -- setup" },
  },
  secret_missing: {
    says: {
      en: "The secret {name} is missing: the database cannot call the functions",
      ru: "Нет секрета {name}: база не может вызвать функции",
    },
    mend: { en: "npm run amocrm -- setup", ru: "npm run amocrm -- setup" },
  },
  vault_other_project: {
    says: {
      en: "The database calls another project: {url}, not {own}",
      ru: "База вызывает чужой проект: {url}, а не {own}",
    },
    mend: {
      en: "npm run amocrm -- setup --functions-url {own}",
      ru: "npm run amocrm -- setup --functions-url {own}",
    },
  },
  vault_url_differs: {
    says: {
      en: "The database calls {url}; this project's own address is {own}",
      ru: "База вызывает {url}; свой адрес проекта — {own}",
    },
    mend: {
      en: "if that is not meant: npm run amocrm -- setup --functions-url {own}",
      ru: "если это не нарочно: npm run amocrm -- setup --functions-url {own}",
    },
  },
  road_ok: {
    says: {
      en: "The database reaches amocrm-drain, and its key is accepted",
      ru: "База достаёт до amocrm-drain, ключ принят",
    },
  },
  road_unasked: {
    says: {
      en: "The database's call of the functions cannot be tried without pg_net and both secrets",
      ru: "Вызов функций из базы нельзя проверить без pg_net и обоих секретов",
    },
  },
  road_refused: {
    says: {
      en: "{status}: amocrm-drain refuses the call token in Vault: it is not the one that the database knows",
      ru: "{status}: amocrm-drain отклоняет токен вызова из Vault: база знает другой",
    },
    mend: { en: "npm run amocrm -- setup", ru: "npm run amocrm -- setup" },
  },
  road_missing: {
    says: {
      en: "404: there is no amocrm-drain at the URL in Vault",
      ru: "404: по адресу из Vault нет amocrm-drain",
    },
    mend: {
      en: "npx supabase functions deploy; or npm run amocrm -- setup --functions-url …",
      ru: "npx supabase functions deploy; или npm run amocrm -- setup --functions-url …",
    },
  },
  road_failed: {
    says: {
      en: "amocrm-drain answered the database with {status}",
      ru: "amocrm-drain ответила базе {status}",
    },
    mend: {
      en: "dashboard, Edge Functions, amocrm-drain, logs",
      ru: "панель, Edge Functions, amocrm-drain, логи",
    },
  },
  road_broken: {
    says: {
      en: "The database does not reach the functions: {reason}",
      ru: "База не достаёт до функций: {reason}",
    },
    mend: {
      en: "npm run amocrm -- setup --functions-url …",
      ru: "npm run amocrm -- setup --functions-url …",
    },
  },
  road_silent: {
    says: {
      en: "pg_net does not send: the database's call was not answered",
      ru: "pg_net не отправляет: вызов базы остался без ответа",
    },
    mend: { en: "select net.worker_restart()", ru: "select net.worker_restart()" },
  },
  heartbeats_ok: {
    says: { en: "Last seen well: {names}", ru: "В последний раз были в порядке: {names}" },
  },
  heartbeats_none: {
    says: {
      en: "No function was called yet: nothing was due",
      ru: "Функции ещё не вызывались: отправлять было нечего",
    },
  },
  function_failing: {
    says: {
      en: "The last run of {name} failed: {reason}",
      ru: "Последний запуск {name} завершился ошибкой: {reason}",
    },
    mend: { en: "dashboard, Edge Functions, {name}, logs", ru: "панель, Edge Functions, {name}, логи" },
  },
  function_silent: {
    says: {
      en: "{name} was called {count} times without a sign of life",
      ru: "{name}: вызовов без признаков жизни {count}",
    },
    mend: { en: "see the line about calls", ru: "смотрите строку о вызовах" },
  },
  function_refused: {
    says: {
      en: "{name} was called {count} times without a sign of life; the last answer: {answer}",
      ru: "{name}: вызовов без признаков жизни {count}; последний ответ: {answer}",
    },
    mend: {
      en: "see the line about calls; if that is well: npx supabase functions deploy",
      ru: "смотрите строку о вызовах; если там всё в порядке: npx supabase functions deploy",
    },
  },
} as const satisfies Sayings;
