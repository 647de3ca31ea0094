import type { Texts } from "../../platform/text.ts";

/** What `setup` tells of each step, and what amocrm-admin refuses. */
export const SETUP_STEPS = {
  pipelines: { en: "pipelines", ru: "воронки" },
  settings: { en: "settings", ru: "настройки" },
  account: { en: "account", ru: "аккаунт" },
  marker: { en: "marker", ru: "метка" },
  monitorToken: { en: "monitor token", ru: "ключ наблюдения" },
  alertAddress: { en: "alert address", ru: "адрес оповещений" },
  deadManAddress: { en: "dead-man address", ru: "адрес проверки связи" },
  route: { en: "route {source}", ru: "маршрут {source}" },
  stage: { en: "stage {event}", ru: "этап {event}" },
  field: { en: "field {path}", ru: "поле {path}" },
  unchecked: {
    en: "amoCRM could not be asked, so ids are not checked: {reason}",
    ru: "amoCRM не удалось спросить, номера не проверены: {reason}",
  },
  read: { en: "Read from amoCRM: {list}", ru: "Прочитано из amoCRM: {list}" },
  kept: { en: "Kept as it is: {what}", ru: "Оставлено как есть: {what}" },
  sendsTo: {
    en: "This database sends to account {id} from here on",
    ru: "Теперь эта база отправляет в аккаунт {id}",
  },
  switched: {
    en: "Account {id} from here on. Sending is paused: check routes, stages and fields, then npm run amocrm -- resume",
    ru: "Теперь аккаунт {id}. Отправка на паузе: проверьте маршруты, этапы и поля, затем npm run amocrm -- resume",
  },
  switchedFrom: {
    en: "Account {id} from here on; all ids of account {before} are forgotten. Sending is paused: check routes, stages and fields, then npm run amocrm -- resume",
    ru: "Теперь аккаунт {id}; все номера аккаунта {before} забыты. Отправка на паузе: проверьте маршруты, этапы и поля, затем npm run amocrm -- resume",
  },
  vault: {
    en: "amocrm_functions_url = {url}; the database calls with a token of its own, amocrm_call_token",
    ru: "amocrm_functions_url = {url}; база вызывает со своим ключом amocrm_call_token",
  },
  monitor: {
    en: "Authorization: Bearer {token} opens amocrm-health and nothing else. It is not told again; the one before opens nothing any more",
    ru: "Authorization: Bearer {token} открывает только amocrm-health. Больше он не показывается; прежний ничего не открывает",
  },
  roadOff: { en: "{name} is not set", ru: "{name} не задан" },
  roadAt: { en: "{name} is at {host}", ru: "{name} указывает на {host}" },
  roadTested: { en: "{name} is at {host}; a test was posted", ru: "{name}: {host}; отправлена проверка" },
  roadRefused: {
    en: "{name} is at {host}, but no alert arrives there: {problem}",
    ru: "{name} указывает на {host}, но оповещения туда не дойдут: {problem}",
  },
  roadCalled: {
    en: "{name} is at {host}; it is called within a minute",
    ru: "{name}: {host}; будет вызван в течение минуты",
  },
  notLookedFor: { en: "Not looked for: {reason}", ru: "Не искали: {reason}" },
  dealField: { en: "Deal field {field}", ru: "Поле сделки {field}" },
  markerRefused: {
    en: "The field could not be made: {reason}. Make a deal field of type {type} by hand and name it with deal.id",
    ru: "Поле создать не удалось: {reason}. Создайте вручную поле сделки типа {type} и назовите его через deal.id",
  },
  markerUnknown: {
    en: "It is not known whether the field was made ({reason}): run setup again",
    ru: "Неизвестно, создано ли поле ({reason}): запустите setup ещё раз",
  },
  markerUnfit: {
    en: "Deal field {field} has the type {type} and cannot hold an id: give its code to a field of type {wanted}, or name another with deal.id",
    ru: "Поле сделки {field} типа {type} не может хранить id: дайте его код полю типа {wanted} или назовите другое через deal.id",
  },
  markerMade: {
    en: "Deal field {field} was {what} and carries the lead's id",
    ru: "Поле сделки {field} {what} и хранит id заявки",
  },
  made: { en: "made", ru: "создано" },
  found: { en: "found", ru: "найдено" },
  notMapped: { en: "Not mapped: {reason}", ru: "Не сопоставлено: {reason}" },
  mapped: { en: "mapped {columns}", ru: "сопоставлено: {columns}" },
  mappedAlready: { en: "{count} mapped already", ru: "уже сопоставлено: {count}" },
  noUtm: {
    en: "no deal field has the code {codes}: those values go into the note",
    ru: "нет поля сделки с кодом {codes}: эти значения идут в примечание",
  },
  utmTwo: {
    en: "{one}; no deal field has the code {codes}: those values go into the note",
    ru: "{one}; нет поля сделки с кодом {codes}: эти значения идут в примечание",
  },
  mappedBoth: {
    en: "mapped {columns}; {count} mapped already",
    ru: "сопоставлено: {columns}; уже сопоставлено: {count}",
  },
  unverified: {
    en: "{what}: {done}, but is not verified: {reason}",
    ru: "{what}: {done}, но не проверено: {reason}",
  },
  isThere: { en: "is there already", ru: "уже есть" },
  wasWritten: { en: "was written", ru: "записано" },
  noMain: {
    en: "The account has no main pipeline; name one of: {list}",
    ru: "В аккаунте нет основной воронки; назовите одну из: {list}",
  },
  noPipeline: { en: "No pipeline {id}; there are: {list}", ru: "Нет воронки {id}; есть: {list}" },
  archived: {
    en: "Pipeline {name} is archived; there are: {list}",
    ru: "Воронка {name} в архиве; есть: {list}",
  },
  noStage: {
    en: "No stage {id} in pipeline {pipeline}; there are: {list}",
    ru: "В воронке {pipeline} нет этапа {id}; есть: {list}",
  },
  unsorted: {
    en: "Stage {stage} holds incoming leads that amoCRM itself makes; it refuses deals of the API there; there are: {list}",
    ru: "Этап {stage} для входящих заявок самой amoCRM; сделки через API она там не принимает; есть: {list}",
  },
  lost: {
    en: "amoCRM makes no deal that begins as lost, {stage}; there are: {list}",
    ru: "amoCRM не создаёт сделок, закрытых с самого начала, {stage}; есть: {list}",
  },
  won: {
    en: "{what}: new deals begin as won, so nobody works on them",
    ru: "{what}: новые сделки сразу успешны, с ними никто не работает",
  },
  noUser: { en: "No user {id}; there are: {list}", ru: "Нет пользователя {id}; есть: {list}" },
  userOff: {
    en: "User {name} is switched off; there are: {list}",
    ru: "Пользователь {name} выключен; есть: {list}",
  },
  noContactField: {
    en: "No contact field {field}; there are: {list}",
    ru: "Нет поля контакта {field}; есть: {list}",
  },
  noDealField: {
    en: "No deal field {field}; there are: {list}",
    ru: "Нет поля сделки {field}; есть: {list}",
  },
  withCode: { en: "with the code {code}", ru: "с кодом {code}" },
  unfillable: {
    en: "{what}: a field of the type {type} takes no value of a lead; values go into the note",
    ru: "{what}: поле типа {type} не принимает значений заявки, они идут в примечание",
  },
  none: { en: "none", ru: "ничего" },
  mainFirst: { en: "main pipeline {name}, first stage", ru: "основная воронка {name}, первый этап" },
  mainFirstBare: { en: "main pipeline, first stage", ru: "основная воронка, первый этап" },
  mainStage: { en: "main pipeline {name}, stage {stage}", ru: "основная воронка {name}, этап {stage}" },
  pipelineFirst: { en: "pipeline {name}, first stage", ru: "воронка {name}, первый этап" },
  pipelineStage: { en: "pipeline {name}, stage {stage}", ru: "воронка {name}, этап {stage}" },
  responsible: { en: "responsible user {id}", ru: "ответственный {id}" },
  tags: { en: "tags {tags}", ru: "теги {tags}" },
  dealName: { en: "named {name}", ru: "название {name}" },
  onRepeat: { en: "on repeat {what}", ru: "при повторе {what}" },
  notLongLived: {
    en: "AMOCRM_ACCESS_TOKEN is not set. With OAuth the account changes by: npm run amocrm -- connect --switch",
    ru: "AMOCRM_ACCESS_TOKEN не задана. С OAuth аккаунт меняется так: npm run amocrm -- connect --switch",
  },
  onlyAdmins: {
    en: "Only admins may do this: app_metadata.role of the user must be admin",
    ru: "Это могут только администраторы: app_metadata.role пользователя должна быть admin",
  },
  uuid: {
    en: "{field}: must be the id of a lead or student",
    ru: "{field}: нужен id заявки или ученика",
  },
  roadUrl: {
    en: "must be an https URL such as https://hooks.example/…, or empty",
    ru: "нужен адрес https, например https://hooks.example/…, или пусто",
  },
  pace: {
    en: "settings.min_interval_ms: Too small: expected number to be >=150",
    ru: "settings.min_interval_ms: слишком мало, нужно не меньше 150",
  },
} as const satisfies Texts;
