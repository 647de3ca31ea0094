import type { Words } from "./words.ts";

/** The sentences in Russian. */
export const RU: Words = {
  help: `supabase-amocrm init | update | doctor | uninstall

Ставит доставку в amoCRM в существующий проект Supabase или убирает её. Команда меняет только файлы в папке supabase:
вы смотрите изменения, коммитите их и, как обычно, делаете push и deploy.

  init        добавляет миграции после ваших, функции и их раздел в config.toml
  update      заменяет наши файлы, если вы их не меняли, и добавляет новые миграции
  doctor      сравнивает пакет с файлами, а с --remote — и с тем, что применено и развёрнуто
  uninstall   убирает наши файлы и добавляет миграцию, которая убирает всё из базы; лиды и ученики остаются

  --modules a,b        amocrm, mail, school, forms, sms, links, followups, analytics, loyalty, dashboard; по умолчанию все. Миграции ставятся целиком, модули выбирают функции
  --supabase-dir DIR   где папка supabase; по умолчанию ./supabase
  --dry-run            показать всё, что было бы сделано, и ничего не менять; код выхода 2, если есть что менять
  --yes                ни о чём не спрашивать
  --baseline ВЕРСИЯ    init: наши миграции этой версии уже есть в вашей объединённой (squash) миграции
  --replace            update: убрать существующие миграции новой миграцией и начать заново
  --remote REF|URL     update, doctor: спросить и сам проект, через Supabase CLI и его вход
  --lang en|ru         язык; по умолчанию — язык оболочки

Код выхода: 0 — готово или делать нечего; 1 — отказ, или doctor нашёл расхождение; 2 — dry-run нашёл изменения.`,
  unknown_command: ({ name }) =>
    name === ""
      ? "Скажите, что сделать: supabase-amocrm init"
      : `Команды ${name} нет: supabase-amocrm --help`,
  usage: ({ reason }) => `${reason}: supabase-amocrm --help --lang ru`,
  module_unknown: ({ name, all }) => `Модуля ${name} нет: --modules ${all}`,
  module_none: ({ all }) => `В --modules ничего не названо: --modules ${all}`,
  module_added: ({ name, for: of }) => `Модулю ${of} нужен ${name}: ставятся оба.`,
  cannot_ask: () => "Спросить некого: добавьте --yes или, чтобы только посмотреть, --dry-run",
  declined: () => "Ничего не записано.",
  question: ({ count }) => `Внести эти изменения (${count})?`,

  schema_there: ({ file, version }) =>
    `${file} создаёт схему amocrm: если это наша схема в объединённой истории, наберите supabase-amocrm init --baseline ${version}, иначе переименуйте свою`,
  cron_job_there: ({ file, name }) =>
    `${file} создаёт задание cron ${name}, а так называется и наше: переименуйте своё новой миграцией`,
  vault_name_there: ({ file, name }) =>
    `${file} создаёт секрет Vault ${name}, а имена на amocrm_ — наши: переименуйте свой`,
  object_there: ({ file, name }) =>
    `${file} создаёт public.${name}, а так называется и наш объект: переименуйте свой новой миграцией`,
  config_function_there: ({ name }) =>
    `В config.toml есть раздел [functions.${name}], который написали не мы: уберите его и повторите supabase-amocrm init`,
  config_vault_there: ({ name }) =>
    `В разделе [db.vault] файла config.toml другое значение ${name}: уберите эту строку и повторите команду`,
  config_unknown_form: () =>
    "В config.toml functions или db.vault записаны одной строкой: запишите их разделами [functions.имя] и [db.vault] и повторите команду",
  config_unreadable: ({ line }) =>
    `Ошибка TOML в строке ${line} файла config.toml: исправьте её и повторите команду`,
  version_too_late: ({ file }) =>
    `После ${file} ничего не поставить: дайте файлу имя по времени (ГГГГММДДччммсс_имя.sql) и повторите команду`,
  another_set: ({ version }) =>
    `Здесь другие миграции, чем в версии ${version}, и перехода между ними нет: дождитесь отправки очереди и наберите supabase-amocrm update --replace (лиды и ученики останутся, очередь начнётся заново)`,
  baseline_unknown: ({ baseline, version }) =>
    `Пакет знает миграции только версии ${version}, но не ${baseline}: npx supabase-amocrm@${baseline} init --baseline ${baseline}`,
  file_there: ({ place }) => `Файл ${place} уже есть, и он не наш: переименуйте его и повторите команду`,
  file_changed: ({ place, ours }) =>
    `Файл ${place} кто-то изменил: посмотрите diff ${ours} ${place}, сохраните нужное в другом месте, удалите файл и повторите команду`,
  record_broken: ({ file }) => `Файл ${file} не читается: верните его из Git или удалите и повторите команду`,
  downgrade: ({ installed, version }) =>
    `Установлена версия ${installed}, она новее этого пакета (${version}): npx supabase-amocrm@${installed} update`,
  older_installed: ({ installed }) => `Версия ${installed} уже установлена: supabase-amocrm update`,
  not_installed: () =>
    "Здесь ничего не установлено: supabase-amocrm init, или укажите папку через --supabase-dir",
  amocrm_is_needed: () => "На модуле amocrm держится всё остальное: supabase-amocrm uninstall без --modules",
  changed_meanwhile: ({ place }) =>
    `Пока ждали ответа, файл ${place} изменился, и ничего не записано: повторите команду`,
  cannot_write: ({ place, code }) =>
    `Не удалось записать ${place} (${code}), всё осталось как было: исправьте причину и повторите команду`,

  deno_1: () => "В [edge_runtime] стоит deno_version = 1, а нашим функциям при локальном запуске нужна 2.",
  public_not_exposed: () => "В [api] не открыта схема public: формы не смогут записывать лиды.",
  migration_changed: ({ file }) => `Миграцию ${file} кто-то изменил; она остаётся как есть.`,
  replacing: () =>
    "Очередь и её настройки будут убраны и созданы заново: после этого выполните supabase-amocrm doctor и amocrm setup.",
  deno_json_kept: ({ place }) =>
    `${place} остаётся: его могут использовать ваши функции. Если нет, удалите его.`,
  nothing_there: () => "Здесь ничего не установлено.",

  heading: ({ version, folder }) => `supabase-amocrm ${version}, ${folder}`,
  nothing_to_do: () => "✓ Всё на месте: делать нечего.",
  would: ({ count }) => `Изменений было бы: ${count}; ничего не записано.`,
  counts: ({ added, replaced, removed }) =>
    `файлов новых: ${added}, заменяется: ${replaced}, убирается: ${removed}`,
  written: () => "✓ Записано. Посмотрите git diff, сделайте коммит, а затем:",
  next_push: () => "  npx supabase db push                        применить миграции",
  next_include: () => "  npx supabase db push --include-all          если не все ваши миграции применены",
  next_deploy: ({ slugs }) => `  npx supabase functions deploy ${slugs} --use-api`,
  next_delete: ({ slugs }) => `  npx supabase functions delete <имя>         ${slugs}`,
  next_setup: () =>
    "  npx amocrm setup                            маршруты, поля и Vault; потом npx amocrm doctor",

  files_ok: ({ version }) => `✓ Файлы: ${version}, как в пакете`,
  files_differ: ({ count }) => `✗ Файлы: расхождений ${count}: supabase-amocrm update --dry-run`,
  refused: ({ reason }) => `✗ Файлы: ${reason}`,
  applied_ok: ({ count, version }) => `✓ Применено: все миграции (${count}), версия базы ${version}`,
  applied_missing: ({ count, all }) =>
    `✗ Применено: нет ${count} из ${all} наших миграций: npx supabase db push`,
  deployed_ok: ({ count }) => `✓ Развёрнуто: все функции (${count})`,
  deployed_missing: ({ slugs }) =>
    `✗ Развёрнуто: нет ${slugs}: npx supabase functions deploy ${slugs} --use-api`,
  deployed_otherwise: ({ slugs }) =>
    `✗ Развёрнуто: из других файлов ${slugs}: npx supabase functions deploy ${slugs} --use-api`,
  not_reached: ({ reason, remedy }) => `✗ Применено, развёрнуто: ${reason}. ${remedy}`,
  not_asked: () => "– Применено, развёрнуто: не проверялось; добавьте --remote <ref проекта>",
};
