import type { Texts } from "../../platform/text.ts";

/** What the database refuses: of a visitor's lead, of an admin's order. */
export const REFUSALS = {
  email: { en: "email is not an e-mail address", ru: "в email не адрес электронной почты" },
  unreachable: {
    en: "neither an e-mail address nor a phone number was given",
    ru: "нет ни адреса e-mail, ни телефона",
  },
  tooLong: { en: "{column} is longer than {count} characters", ru: "{column} длиннее {count} символов" },
  metadata: { en: "metadata is not a JSON object", ru: "в metadata не объект JSON" },
  metadataLarge: { en: "metadata is larger than 16384 bytes", ru: "metadata больше 16384 байт" },
  metadataDeep: {
    en: "metadata is nested deeper than 32 levels",
    ru: "metadata вложена глубже 32 уровней",
  },
  noEmail: { en: "p_email is not an e-mail address", ru: "в p_email не адрес электронной почты" },
  noPhone: { en: "p_phone is not a phone number", ru: "в p_phone не номер телефона" },
  phoneHas: {
    en: "It has 10 digits, or + and the country code.",
    ru: "В нём 10 цифр либо + и код страны.",
  },
  nobodyNamed: {
    en: "none of p_email, p_phone and p_deal_id was given",
    ru: "не указано ни p_email, ни p_phone, ни p_deal_id",
  },
  neitherGiven: {
    en: "neither p_email nor p_phone was given",
    ru: "не указано ни p_email, ни p_phone",
  },
  mustBe: { en: "{name} is {value}, must be {list}", ru: "{name} = {value}, а может быть {list}" },
  between: { en: "between {low} and {high}", ru: "от {low} до {high}" },
  twoOf: { en: "{one} or {other}", ru: "{one} или {other}" },
  future: { en: "p_since lies in the future: {at}", ru: "p_since в будущем: {at}" },
  urlOf: {
    en: "p_functions_url is not an http or https URL",
    ru: "в p_functions_url не адрес http или https",
  },
  urlPlain: {
    en: "p_functions_url must be https: what opens the functions would travel readable",
    ru: "p_functions_url должен быть https: иначе ключ к функциям передаётся открыто",
  },
  cronKey: { en: "p_cron_key is not a key", ru: "в p_cron_key не ключ" },
  onlyReaders: {
    en: "only admins and viewers may read this",
    ru: "это могут читать только администраторы и наблюдатели",
  },
  filterObject: { en: "p_filter is not an object", ru: "в p_filter не объект" },
  filterKey: {
    en: "p_filter does not take {value} as {name}",
    ru: "p_filter не принимает {value} как {name}",
  },
  bulkCount: {
    en: "{count} messages match, {confirmed} were confirmed",
    ru: "подходит сообщений: {count}, подтверждено {confirmed}",
  },
  noSetting: {
    en: "p_changes names no setting, or one that is none",
    ru: "в p_changes нет ни одной настройки или есть лишняя",
  },
  noField: { en: "amoCRM has no field {id} of a {entity}", ru: "в amoCRM нет поля {id} у {entity}" },
  noPath: {
    en: "p_path is no column of a lead and no path in its metadata",
    ru: "в p_path не столбец заявки и не путь в её metadata",
  },
  keepMark: {
    en: "the mark of our deals cannot be taken away",
    ru: "метку наших сделок убрать нельзя",
  },
  noStep: {
    en: "there is no step {step} of a sequence {sequence}",
    ru: "нет шага {step} в цепочке {sequence}",
  },
  noText: {
    en: "there is no text {code} for the channel {channel}",
    ru: "нет текста {code} для канала {channel}",
  },
  noPeriod: {
    en: "p_until lies before p_from or 800 days behind it",
    ru: "p_until раньше p_from или на 800 дней позже",
  },
  noPlace: {
    en: "amoCRM has no stage {stage} in pipeline {pipeline}",
    ru: "в amoCRM нет этапа {stage} в воронке {pipeline}",
  },
  onlyAdmins: { en: "only admins may do this", ru: "это могут только администраторы" },
  onlyManagers: { en: "only managers may do this", ru: "это могут только менеджеры" },
  roleAdmin: {
    en: "The role stands in app_metadata.role of the user; it must be admin.",
    ru: "Роль в app_metadata.role пользователя должна быть admin.",
  },
  roleManager: {
    en: "The role stands in app_metadata.role of the user; it must be sales_manager or admin.",
    ru: "Роль в app_metadata.role пользователя должна быть sales_manager или admin.",
  },
  notHttps: { en: "{name} is not an https URL", ru: "{name} не адрес https" },
  twoPeople: {
    en: "p_email belongs to person {one} and p_phone to person {other}",
    ru: "p_email у человека {one}, а p_phone у человека {other}",
  },
  beingSent: {
    en: "a message about this person is being sent at this moment",
    ru: "сообщение об этом человеке отправляется прямо сейчас",
  },
  sentUnknown: {
    en: "message {id} about this person was sent, and it is not known yet what became of it",
    ru: "сообщение {id} об этом человеке отправлено, и пока неизвестно, что с ним стало",
  },
  noStudent: { en: "no student {id} in tripwire_users", ru: "в tripwire_users нет ученика {id}" },
  welcomeGoes: {
    en: "a welcome mail for student {id} is on its way",
    ru: "письмо ученику {id} уже в пути",
  },
  addressStudent: { en: "another student has this address", ru: "этот адрес у другого ученика" },
  addressAccount: {
    en: "another account has this address",
    ru: "этот адрес у другой учётной записи",
  },
  progress: {
    en: "progress belongs to its student and lesson",
    ru: "прогресс принадлежит своему ученику и уроку",
  },
  noLesson: { en: "there is no lesson {id}", ru: "урока {id} нет" },
  watchedLittle: {
    en: "lesson {id} is watched for {seen} of {all} seconds, too little to complete it",
    ru: "урок {id} просмотрен {seen} из {all} секунд, для завершения мало",
  },
  pairOnWay: {
    en: "messages of person {one} or {other} are on their way",
    ru: "сообщения человека {one} или {other} уже в пути",
  },
  noPair: { en: "no pair {id} in amocrm_duplicates", ru: "в amocrm_duplicates нет пары {id}" },
  pairResolved: {
    en: "pair {id} was resolved on {at} as {what}",
    ru: "пара {id} решена {at} как {what}",
  },
  noReason: { en: "p_reason is missing", ru: "не указан p_reason" },
  noMessage: {
    en: "no message {id} in amocrm_outbox or message_outbox",
    ru: "сообщения {id} нет ни в amocrm_outbox, ни в message_outbox",
  },
  unsoundMessage: {
    en: "message {id} would contradict itself: {fact}",
    ru: "сообщение {id} противоречило бы само себе: {fact}",
  },
  noLane: {
    en: "a message goes in the lane live or backfill",
    ru: "сообщение идёт в очереди live или backfill",
  },
  noRequeue: {
    en: "message {id} is {state}, only dead, cancelled and pending ones can be requeued",
    ru: "сообщение {id} в состоянии {state}, а снова отправить можно только dead, cancelled и pending",
  },
  noCancel: {
    en: "message {id} is {state}, only pending, uncertain and dead ones can be cancelled",
    ru: "сообщение {id} в состоянии {state}, а отменить можно только pending, uncertain и dead",
  },
  noKind: {
    en: "p_kind is {kind}, which is no kind of message to amoCRM",
    ru: "p_kind = {kind}, а такого вида сообщений в amoCRM нет",
  },
  noCode: {
    en: "p_error_code is {code}, which no dead message has",
    ru: "p_error_code = {code}, а такого кода нет ни у одного недоставленного",
  },
  noFormSource: { en: "form_sources has no row {id}", ru: "в form_sources нет строки {id}" },
  mapObject: { en: "field_map is not an object", ru: "field_map не объект" },
  mapColumn: {
    en: "field_map names {column} which is no column of a lead",
    ru: "в field_map есть {column}, а такой колонки у заявки нет",
  },
  mapName: {
    en: "field_map has no name of a field for {column}",
    ru: "в field_map для {column} нет названия поля",
  },
  noSource: {
    en: "p_source is missing or longer than 200 characters",
    ru: "p_source не указан или длиннее 200 символов",
  },
  tellRowId: {
    en: 'p_to: "{name}" must be the id of a row, a UUID',
    ru: 'p_to: в "{name}" нужен id строки, UUID',
  },
  tellNoRow: { en: "p_to: there is no row {id} in {table}", ru: "p_to: в {table} нет строки {id}" },
  tellDeal: {
    en: 'p_to: "deal_id" must be the number of a deal in amoCRM',
    ru: 'p_to: в "deal_id" нужен номер сделки в amoCRM',
  },
  tellPerson: {
    en: 'p_to: "email" must be an e-mail address, "phone" a phone number, and one of them must be there',
    ru: 'p_to: в "email" нужен адрес, в "phone" номер телефона, хотя бы один из них',
  },
  tellTo: {
    en: 'p_to must be one of {"lead_id"}, {"student_id"}, {"deal_id"} and {"email", "phone"}',
    ru: 'в p_to нужно одно из: "lead_id", "student_id", "deal_id" либо "email" и "phone"',
  },
  tellKind: {
    en: "p_kind: {kind} cannot be told, only {list}",
    ru: "p_kind: {kind} передать нельзя, можно только {list}",
  },
  tellObject: {
    en: "p_payload of {kind} must be an object",
    ru: "p_payload для {kind} должен быть объектом",
  },
  tellPayload: { en: "p_payload of {kind}: {problem}", ru: "p_payload для {kind}: {problem}" },
  tellText: { en: '"text" must be a text that is not blank', ru: 'в "text" нужен непустой текст' },
  tellLong: { en: '"text" has more than {count} characters', ru: 'в "text" больше {count} символов' },
  tellDue: {
    en: '"due_in_minutes" must be a whole number from 1 to 525600, a year',
    ru: 'в "due_in_minutes" нужно целое число от 1 до 525600 (год)',
  },
  tellUser: {
    en: '"responsible_user_id" must be the number of a user in amoCRM',
    ru: 'в "responsible_user_id" нужен номер пользователя amoCRM',
  },
  tellPlace: {
    en: '"pipeline_id" and "status_id" must both be there, as numbers',
    ru: 'нужны оба числа, "pipeline_id" и "status_id"',
  },
  tellValues: {
    en: '"values" must be an object with a value for each field, by its id or code',
    ru: 'в "values" нужен объект: значение для каждого поля, по номеру или коду',
  },
  tellFields: { en: '"values" has more than 40 fields', ru: 'в "values" больше 40 полей' },
  tellField: {
    en: '"{name}" is neither the id nor the code of a field',
    ru: '"{name}" не номер и не код поля',
  },
  tellTags: {
    en: '"add" and "remove" must be lists of names',
    ru: 'в "add" и "remove" нужны списки названий',
  },
  tellTagCount: {
    en: '"add" and "remove" must hold from 1 to 100 names together',
    ru: 'в "add" и "remove" вместе нужно от 1 до 100 названий',
  },
  tellTagLong: { en: "a name has more than 255 characters", ru: "название длиннее 255 символов" },
  tellKey: {
    en: "p_key must have from 1 to 200 characters",
    ru: "в p_key нужно от 1 до 200 символов",
  },
  tellTaken: {
    en: "p_key names message {id} already, which tells something else",
    ru: "p_key уже у сообщения {id}, а оно передаёт другое",
  },
  noTarget: { en: "link_targets has no row {name}", ru: "в link_targets нет строки {name}" },
  linkDays: { en: "p_days must be between 1 and 3650", ru: "p_days должно быть от 1 до 3650" },
  linkChannel: { en: "p_channel must be mail or sms", ru: "p_channel должен быть mail или sms" },
  linkParameters: {
    en: "p_parameters is not an object of parameters",
    ru: "p_parameters должен быть объектом с параметрами",
  },
  noJunk: { en: "nothing says which leads are junk", ru: "не сказано, какие заявки мусор" },
} as const satisfies Texts;
