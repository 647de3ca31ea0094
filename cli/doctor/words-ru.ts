import type { Words } from "./words.ts";

/** What doctor says in Russian. */
export const RUSSIAN: Words = {
  checks: {
    command: "Проект",
    functions: "Функции",
    variables: "Переменные",
    database: "База",
    cron: "Cron",
    vault: "Vault",
    road: "Вызовы",
    heartbeats: "Пульс",
    token: "Токен",
    amocrm: "amoCRM",
    clock: "Часы",
    places: "Маршруты",
    fields: "Поля",
    sending: "Отправка",
    queue: "Очередь",
    mirror: "Зеркало",
    alerts: "Оповещения",
  },
  codes: {
    command_ok: ["{url}, задан в {origin}"],
    project_unnamed: [
      "SUPABASE_URL и SUPABASE_SECRET_KEY не заданы, и локального стека в {file} нет",
      "задайте обе в окружении или в .env; для локального стека: npm run dev",
    ],
    stack_missing: ["Локального стека в {file} нет", "npm run dev"],
    url_missing: ["SUPABASE_URL не задан", "задайте https://<проект>.supabase.co"],
    url_malformed: ["SUPABASE_URL — не адрес http или https", "задайте https://<проект>.supabase.co"],
    url_of_dashboard: ["SUPABASE_URL — адрес панели управления, а не проекта", "SUPABASE_URL={url}"],
    key_missing: [
      "SUPABASE_SECRET_KEY не задан",
      "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    ],
    key_publishable: [
      "В SUPABASE_SECRET_KEY публичный ключ (publishable), он для страниц",
      "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    ],
    key_anon: [
      "В SUPABASE_SECRET_KEY старый ключ anon, он для страниц",
      "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    ],
    key_service_role: [
      "В SUPABASE_SECRET_KEY старый ключ service_role, функции его не принимают",
      "панель, настройки проекта, API keys: секретный ключ (sb_secret_…)",
    ],
    key_odd: [
      "SUPABASE_SECRET_KEY не начинается с sb_secret_",
      "сверьте: панель, настройки проекта, API keys",
    ],
    command_clock_off: [
      "Часы этой машины впереди часов функций на {seconds} с (минус — отстают)",
      "установите часы этой машины",
    ],

    functions_ok: ["amocrm-admin отвечает, версия {version}"],
    host_unknown: [
      "Узла {host} не существует (DNS)",
      "проверьте SUPABASE_URL и сеть; приостановленный проект включается в панели",
    ],
    host_refuses: ["{host} не принимает соединение", "проверьте SUPABASE_URL и порт"],
    host_tls: [
      "Сертификату {host} нет доверия ({reason})",
      "прокси вскрывает трафик? NODE_EXTRA_CA_CERTS=<его сертификат>",
    ],
    host_unreachable: ["Нет соединения с {host} ({reason})", "проверьте сеть и SUPABASE_URL"],
    stack_gone: ["Локальный стек из {file} больше не работает", "npm run dev"],
    functions_timeout: [
      "amocrm-admin не отвечает вовремя",
      "повторите; затем панель, Edge Functions, amocrm-admin, логи",
    ],
    functions_key_refused: [
      "401: проект отклоняет SUPABASE_SECRET_KEY: ключ другого проекта или удалён",
      "панель, настройки проекта, API keys: секретный ключ (sb_secret_…) этого проекта",
    ],
    functions_forbidden: [
      "403: у этого ключа или пользователя нет роли admin",
      "возьмите секретный ключ (sb_secret_…) проекта",
    ],
    functions_missing: [
      "404: по адресу {url} нет функции",
      "проверьте SUPABASE_URL; npx supabase functions deploy",
    ],
    functions_do_not_start: [
      "503: amocrm-admin не запускается",
      "панель, Edge Functions, amocrm-admin, логи",
    ],
    functions_old: ["Версия функций не та, что у этой команды", "npx supabase functions deploy"],
    functions_failed: ["Сбой amocrm-admin ({status})", "панель, Edge Functions, amocrm-admin, логи"],
    rest_unasked: ["Остальное неизвестно, пока функции не ответят"],

    variables_ok: ["Всё нужное функциям задано"],
    variables_off: [
      "AMOCRM_ENABLED выключен: заявки сохраняются и ждут",
      "npx supabase secrets set AMOCRM_ENABLED=true",
    ],
    variable_missing: ["{name} не задана", "npx supabase secrets set {name}={example}"],
    variable_misspelt: [
      "{name} не задана, зато задана {found}: опечатка?",
      "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
    ],
    variable_malformed: ["Значение {name} непонятно", "npx supabase secrets set {name}={example}"],
    variable_alike: [
      "Задана {found}, её никто не читает: вероятно, имелась в виду {name}",
      "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
    ],
    value_has_spaces: ["{name}: по краям значения пробелы или перевод строки", "задайте заново без них"],
    value_has_quotes: ["{name}: кавычки вокруг значения считаются его частью", "задайте заново без них"],
    value_has_blanks: [
      "{name}: внутри значения пробелы или переводы строки",
      "скопируйте заново целиком и в одну строку",
    ],
    value_has_bearer: ["{name} начинается с Bearer", "задайте заново без этого слова"],
    value_is_url: ["{name} — адрес", "не перепутана ли она с AMOCRM_BASE_URL или AMOCRM_REDIRECT_URI"],
    value_is_key: ["{name} — ключ Supabase", "токен выдаёт amoCRM: настройки, интеграции, ключи и доступы"],
    value_is_plain_http: ["{name} с http: токен идёт по сети незашифрованным", "задайте заново с https"],

    database_ok: ["Миграции версии {version}, расширения и триггеры на месте"],
    migrations_missing: ["Применены не все миграции", "npx supabase db push"],
    database_failed: ["Базу не удалось опросить: {reason}", "панель, Edge Functions, amocrm-admin, логи"],
    database_unasked: ["Остальное неизвестно, пока база не ответит"],
    version_differs: [
      "База версии {database}, функции версии {functions}",
      "npx supabase db push; npx supabase functions deploy",
    ],
    extension_missing: ["Расширение {name} не установлено", "{remedy}"],
    trigger_missing: [
      "Нет триггера {name} на {table}: сохранённое там может не дойти до amoCRM",
      "создайте его снова, как в supabase/migrations",
    ],
    trigger_off: [
      "Триггер {name} на {table} выключен: сохранённое там может не дойти до amoCRM",
      "alter table public.{table} enable trigger {name}",
    ],

    cron_ok: ["Все задания работают ({count})"],
    cron_young: ["Все задания на месте ({count}); до некоторых очередь ещё не дошла"],
    cron_unasked: ["Без pg_cron неизвестно"],
    cron_silent: [
      "Ни одно задание не запускалось {minutes} мин: pg_cron стоит",
      "панель, настройки проекта, General: перезапустите проект",
    ],
    jobs_missing: [
      "Нет ни одного нашего задания: pg_cron выключали и включали снова?",
      "select amocrm_schedule_jobs()",
    ],
    job_missing: ["Задания {name} нет", "select amocrm_schedule_jobs()"],
    job_off: [
      "Задание {name} выключено",
      "select cron.alter_job((select jobid from cron.job where jobname = '{name}'), active := true)",
    ],
    job_failing: [
      "Последний запуск {name} завершился ошибкой: {message}",
      "select * from cron.job_run_details order by runid desc limit 20",
    ],
    job_silent: [
      "{name} не запускалось {minutes} мин",
      "select * from cron.job_run_details order by runid desc limit 20",
    ],

    vault_ok: ["Адрес и ключ заданы: {url}"],
    vault_unasked: ["Без supabase_vault неизвестно"],
    vault_unreadable: [
      "Секреты Vault не расшифровываются: база восстановлена из другого проекта?",
      "npm run amocrm -- setup",
    ],
    secret_missing: ["Нет секрета {name}: база не может вызвать функции", "npm run amocrm -- setup"],
    vault_other_project: [
      "База вызывает чужой проект: {url}, а не {own}",
      "npm run amocrm -- setup --functions-url {own}",
    ],
    vault_url_differs: [
      "База вызывает {url}; свой адрес проекта — {own}",
      "если это не нарочно: npm run amocrm -- setup --functions-url {own}",
    ],

    road_ok: ["База достаёт до amocrm-drain, ключ принят"],
    road_unasked: ["Вызов функций из базы нельзя проверить без pg_net и обоих секретов"],
    road_refused: [
      "{status}: amocrm-drain отклоняет ключ из Vault: удалён или от другого проекта",
      "npm run amocrm -- setup --cron-key sb_secret_…",
    ],
    road_missing: [
      "404: по адресу из Vault нет amocrm-drain",
      "npx supabase functions deploy; или npm run amocrm -- setup --functions-url …",
    ],
    road_failed: ["amocrm-drain ответила базе {status}", "панель, Edge Functions, amocrm-drain, логи"],
    road_broken: ["База не достаёт до функций: {reason}", "npm run amocrm -- setup --functions-url …"],
    road_silent: ["pg_net не отправляет: вызов базы остался без ответа", "select net.worker_restart()"],

    heartbeats_ok: ["В последний раз были в порядке: {names}"],
    heartbeats_none: ["Функции ещё не вызывались: отправлять было нечего"],
    function_failing: [
      "Последний запуск {name} завершился ошибкой: {reason}",
      "панель, Edge Functions, {name}, логи",
    ],
    function_silent: ["{name}: вызовов без признаков жизни {count}", "смотрите строку о вызовах"],
    function_refused: [
      "{name}: вызовов без признаков жизни {count}; последний ответ: {answer}",
      "смотрите строку о вызовах; если там всё в порядке: npx supabase functions deploy",
    ],

    token_ok: ["Долгосрочный токен задан; сколько он действует, по нему не видно"],
    token_lasts: ["Долгосрочный токен действует ещё {days} дн."],
    token_connected: ["Подключено: {host}; без обновления хватило бы на {days} дн."],
    token_expires_soon: [
      "Долгосрочному токену осталось {days} дн.",
      "amoCRM, настройки, интеграции: новый токен; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
    ],
    token_expired: [
      "Долгосрочный токен истёк {days} дн. назад",
      "amoCRM, настройки, интеграции: новый токен; npx supabase secrets set AMOCRM_ACCESS_TOKEN=…",
    ],
    token_none: ["amoCRM ещё не подключена", "npm run amocrm -- connect"],
    token_reauth: ["amoCRM разорвала подключение к {host} ({reason})", "npm run amocrm -- connect"],
    token_foreign: [
      "Подключение принадлежит другому проекту, {project}: эта база — его копия",
      "npm run amocrm -- connect",
    ],
    token_unreadable: [
      "Vault не отдаёт токены: база восстановлена из другого проекта?",
      "npm run amocrm -- connect",
    ],
    token_refresh_failing: [
      "Неудачных обновлений подряд: {count} ({reason}); попытки идут",
      "если не пройдёт: npm run amocrm -- connect",
    ],

    amocrm_ok: ["Аккаунт {name} ({subdomain}, {id}) отвечает"],
    amocrm_unasked: ["Неизвестно, пока переменные не в порядке"],
    amocrm_paused: ["Неизвестно, пока отправка на паузе"],
    amocrm_no_slot: ["Неизвестно: темп сейчас не оставляет места для вопроса", "повторите через минуту"],
    amocrm_rate_limited: [
      "429: слишком много запросов, возможно, от другой интеграции аккаунта; ждём и идём медленнее",
      "подождите; если не пройдёт: update amocrm_settings set min_interval_ms = 2000",
    ],
    amocrm_unauthorized: [
      "401: amoCRM не принимает токен: неверен, отозван, истёк, либо интеграция отключена",
      "amoCRM, настройки, интеграции: включена ли? Затем новый токен: npx supabase secrets set AMOCRM_ACCESS_TOKEN=… или npm run amocrm -- connect",
    ],
    amocrm_no_token: ["Нет токена для запроса: {reason}", "npm run amocrm -- connect"],
    amocrm_unpaid: ["402: аккаунт amoCRM не оплачен", "оплатите, затем: select amocrm_resume()"],
    amocrm_forbidden: [
      "403: у пользователя токена не хватает прав",
      "amoCRM, настройки, пользователи: дайте ему видеть и менять сделки и контакты; либо токен администратора",
    ],
    amocrm_blocked: [
      "403 с веб-страницей: amoCRM блокирует аккаунт или наш адрес за превышение лимита запросов",
      "напишите в поддержку amoCRM; затем: select amocrm_resume()",
    ],
    amocrm_wrong_address: [
      "404: по этому адресу нет аккаунта amoCRM: опечатка или переименован",
      "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
    ],
    amocrm_not_found: [
      "404: amoCRM не знает адреса своего аккаунта",
      "npx supabase secrets set AMOCRM_SUBDOMAIN=company",
    ],
    amocrm_unreachable: [
      "Нет соединения с amoCRM: она лежит или такого адреса нет",
      "проверьте AMOCRM_SUBDOMAIN; иначе подождите",
    ],
    amocrm_timeout: ["amoCRM не отвечает вовремя", "подождите: попытки идут сами"],
    amocrm_server_error: ["Сбой на стороне amoCRM (5xx)", "подождите: попытки идут сами"],
    amocrm_odd: ["amoCRM ответила неожиданно ({code})", "панель, Edge Functions, amocrm-drain, логи"],

    clock_ok: ["База, функции и amoCRM идут вровень"],
    clock_database_off: [
      "Часы базы впереди часов функций на {seconds} с (минус — отстают)",
      "это дело хостинга: его поддержка",
    ],
    clock_amocrm_off: [
      "Часы amoCRM впереди часов функций на {seconds} с (минус — отстают)",
      "проверьте AMOCRM_BASE_URL: прокси? Иначе их поддержка",
    ],

    places_ok: ["Воронки, этапы и ответственные на месте: маршрутов {routes}, этапов {stages}"],
    places_unasked: ["Воронки, этапы и ответственные неизвестны, пока amoCRM не ответит"],
    users_unasked: [
      "Ответственные неизвестны: пользователю токена не виден их список",
      "токен администратора",
    ],
    routes_none: ["amocrm_routes пуста: заявкам некуда идти", "npm run amocrm -- setup"],
    route_for_rest_missing: [
      "Нет маршрута *: заявки из других источников ждут",
      "insert into amocrm_routes (source) values ('*')",
    ],
    place_no_main: [
      "{row}: в аккаунте нет главной воронки; есть: {near}",
      "update amocrm_routes set pipeline_id = <id> where {where}",
    ],
    place_no_pipeline: [
      "{row}: воронки {id} нет; возможно: {near}",
      "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
    ],
    place_archived: [
      "{row}: воронка {pipeline} в архиве; возможно: {near}",
      "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
    ],
    place_no_stage: [
      "{row}: в воронке {pipeline} нет этапа {id}; возможно: {near}",
      "update {table} set status_id = <id> where {where}",
    ],
    place_stage_elsewhere: [
      "{row}: этап {stage} не в воронке {pipeline}, а в {other}",
      "update {table} set pipeline_id = {otherId} where {where}",
    ],
    place_closed: [
      "{row}: новые сделки попадают в {stage}, закрытыми с самого начала",
      "npm run amocrm -- pipelines",
    ],
    user_missing: [
      "{row}: пользователя {id} нет, сделки приходят без него; возможно: {near}",
      "update amocrm_routes set responsible_user_id = <id> where {where}",
    ],
    user_off: [
      "{row}: пользователь {user} отключён, сделки приходят без него; возможно: {near}",
      "update amocrm_routes set responsible_user_id = <id> where {where}",
    ],

    fields_ok: ["Все поля на месте ({count}), служебное тоже"],
    fields_unasked: ["Поля неизвестны, пока amoCRM их не покажет"],
    field_missing: [
      "{row}: поля {field} нет, значения идут в примечание; возможно: {near}",
      "npm run amocrm -- setup --field {row}=<id или код>; либо без поля: delete from amocrm_fields where entity || '.' || path = '{row}'",
    ],
    field_path_unknown: [
      "{row}: такого столбца у заявки нет, значения не будет никогда; возможно: {near}",
      "удалите строку из amocrm_fields или укажите metadata.…",
    ],
    marker_unset: [
      "У сделок ещё нет служебного поля; его создаст следующая отправка",
      "сразу: npm run amocrm -- setup --marker",
    ],
    marker_refused: [
      "У сделок нет служебного поля, и после потерянного ответа сделка узнаётся только по названию: {reason}",
      "разрешите пользователю токена создавать поля или создайте текстовое поле сделки с кодом SUPABASE_LEAD_ID; затем npm run amocrm -- setup --marker",
    ],
    marker_type: [
      "Служебное поле {field} имеет тип {type} и не вместит номер заявки",
      "npm run amocrm -- setup --field deal.id=<текстовое поле>",
    ],

    sending_ok: ["Один запрос в {interval} мс"],
    sending_paused: ["На паузе: {reason}", "select amocrm_resume()"],
    sending_stopped: [
      "Остановлена после {code}; следующая попытка через {seconds} с",
      "устраните причину, затем: select amocrm_resume()",
    ],
    sending_slowed: [
      "Один запрос в {interval} мс вместо {set} после 429; темп восстановится сам",
      "если не пройдёт: npm run amocrm -- setup --min-interval-ms {interval} либо меньше запросов других интеграций",
    ],
    sending_small: ["Не больше {size} записей в запросе после тайм-аутов; вырастет само"],

    queue_ok: ["Ничего не застряло"],
    queue_dead: ["Мёртвых сообщений: {count}", "npm run amocrm -- dead"],
    queue_unrouted: ["Заявок без маршрута: {count}", "insert into amocrm_routes (source) values ('*')"],
    queue_behind: [
      "Ждут дольше обычного: {count}, самое старое {minutes} мин",
      "select * from amocrm_outbox_status; если дело в темпе: npm run amocrm -- setup --min-interval-ms <меньше>",
    ],
    queue_uncertain: [
      "Отправлено без ответа: {count}, самое старое {minutes} мин назад",
      "select * from amocrm_outbox where state = 'uncertain'",
    ],
    queue_no_handler: ["{kind}: {count} ждут версии, которая умеет их отправлять"],
    duplicates: ["Пар, похожих на дубли: {count}", "select * from amocrm_duplicates"],

    mirror_ok: ["Полное, прочитано {minutes} мин назад"],
    mirror_incomplete: [
      "Ещё не полное: каждый новый человек стоит до двух запросов поиска",
      "npm run amocrm -- pull",
    ],
    mirror_failing: ["Последние чтения не удались ({entity}): {count}", "npm run amocrm -- pull"],
    mirror_old: ["Прочитано {minutes} мин назад", "npm run amocrm -- pull"],

    alerts_ok: ["О неполадках сообщается: {roads}"],
    alerts_nowhere: [
      "О неполадках не узнает никто: для почты не задано: {names}; адреса помимо почты нет",
      "npx supabase secrets set ADMIN_EMAIL=… и остальное из docs/mail.md; npm run amocrm -- setup --alert-url https://…",
    ],
    alerts_no_mail: [
      "Писем о неполадках не будет, не задано: {names}; сообщается только о критичном: {roads}",
      "npx supabase secrets set ADMIN_EMAIL=… и остальное из docs/mail.md",
    ],
    alerts_by_mail_only: [
      "Если не работают сами функции, не узнает никто: письма отправляют они",
      "npm run amocrm -- setup --alert-url https://… или --dead-man-url https://…",
    ],
    alert_road_broken: [
      "Адрес {host} не годится для оповещений: {reason}",
      "npm run amocrm -- setup --alert-url https://… или --dead-man-url https://…",
    ],
  },
};
