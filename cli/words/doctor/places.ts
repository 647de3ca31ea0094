import type { Sayings } from "../../doctor/words.ts";

/** What doctor says of routes, stages and fields. */
export const PLACES = {
  places_ok: {
    says: {
      en: "Their pipelines, stages and users exist (routes: {routes}, stages: {stages})",
      ru: "Воронки, этапы и ответственные на месте: маршрутов {routes}, этапов {stages}",
    },
  },
  places_unasked: {
    says: {
      en: "Pipelines, stages and users are unknown until amoCRM answers",
      ru: "Воронки, этапы и ответственные неизвестны, пока amoCRM не ответит",
    },
  },
  users_unasked: {
    says: {
      en: "Responsible users are unknown: the token's user may not see the list, or it is longer than the 10000 that are read",
      ru: "Ответственные неизвестны: пользователю токена не виден их список, или в нём больше 10000 строк",
    },
    mend: { en: "a token of an administrator", ru: "токен администратора" },
  },
  routes_none: {
    says: {
      en: "amocrm_routes is empty: no lead has anywhere to go",
      ru: "amocrm_routes пуста: заявкам некуда идти",
    },
    mend: { en: "npm run amocrm -- setup", ru: "npm run amocrm -- setup" },
  },
  route_for_rest_missing: {
    says: {
      en: "There is no route *: leads of other sources wait",
      ru: "Нет маршрута *: заявки из других источников ждут",
    },
    mend: {
      en: "insert into amocrm_routes (source) values ('*')",
      ru: "insert into amocrm_routes (source) values ('*')",
    },
  },
  place_no_main: {
    says: {
      en: "{row}: the account has no main pipeline; there are: {near}",
      ru: "{row}: в аккаунте нет главной воронки; есть: {near}",
    },
    mend: {
      en: "update amocrm_routes set pipeline_id = <id> where {where}",
      ru: "update amocrm_routes set pipeline_id = <id> where {where}",
    },
  },
  place_no_pipeline: {
    says: {
      en: "{row}: there is no pipeline {id}; perhaps: {near}",
      ru: "{row}: воронки {id} нет; возможно: {near}",
    },
    mend: {
      en: "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
      ru: "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
    },
  },
  place_archived: {
    says: {
      en: "{row}: pipeline {pipeline} is archived; perhaps: {near}",
      ru: "{row}: воронка {pipeline} в архиве; возможно: {near}",
    },
    mend: {
      en: "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
      ru: "update {table} set pipeline_id = <id>, status_id = <id> where {where}; npm run amocrm -- pipelines",
    },
  },
  place_no_stage: {
    says: {
      en: "{row}: there is no stage {id} in pipeline {pipeline}; perhaps: {near}",
      ru: "{row}: в воронке {pipeline} нет этапа {id}; возможно: {near}",
    },
    mend: {
      en: "update {table} set status_id = <id> where {where}",
      ru: "update {table} set status_id = <id> where {where}",
    },
  },
  place_stage_elsewhere: {
    says: {
      en: "{row}: stage {stage} is not in pipeline {pipeline} but in {other}",
      ru: "{row}: этап {stage} не в воронке {pipeline}, а в {other}",
    },
    mend: {
      en: "update {table} set pipeline_id = {otherId} where {where}",
      ru: "update {table} set pipeline_id = {otherId} where {where}",
    },
  },
  place_unsorted: {
    says: {
      en: "{row}: amoCRM refuses deals of the API at {stage}, the stage of incoming leads; perhaps: {near}",
      ru: "{row}: на этап {stage} amoCRM не принимает сделки через API, он для входящих заявок; возможно: {near}",
    },
    mend: {
      en: "update {table} set status_id = <id> where {where}",
      ru: "update {table} set status_id = <id> where {where}",
    },
  },
  place_lost: {
    says: {
      en: "{row}: amoCRM makes no deal that begins at {stage}; perhaps: {near}",
      ru: "{row}: amoCRM не создаёт сделки сразу на этапе {stage}; возможно: {near}",
    },
    mend: {
      en: "update {table} set status_id = <id> where {where}",
      ru: "update {table} set status_id = <id> where {where}",
    },
  },
  place_closed: {
    says: {
      en: "{row}: new deals go to {stage}, closed from the start",
      ru: "{row}: новые сделки попадают в {stage}, закрытыми с самого начала",
    },
    mend: { en: "npm run amocrm -- pipelines", ru: "npm run amocrm -- pipelines" },
  },
  user_missing: {
    says: {
      en: "{row}: there is no user {id}: deals come without; perhaps: {near}",
      ru: "{row}: пользователя {id} нет, сделки приходят без него; возможно: {near}",
    },
    mend: {
      en: "update amocrm_routes set responsible_user_id = <id> where {where}",
      ru: "update amocrm_routes set responsible_user_id = <id> where {where}",
    },
  },
  user_off: {
    says: {
      en: "{row}: user {user} is switched off: deals come without; perhaps: {near}",
      ru: "{row}: пользователь {user} отключён, сделки приходят без него; возможно: {near}",
    },
    mend: {
      en: "update amocrm_routes set responsible_user_id = <id> where {where}",
      ru: "update amocrm_routes set responsible_user_id = <id> where {where}",
    },
  },
  fields_ok: {
    says: {
      en: "All {count} fields exist, the marker too",
      ru: "Все поля на месте ({count}), служебное тоже",
    },
  },
  fields_unasked: {
    says: {
      en: "Fields are unknown until amoCRM lists them all, 10000 at most",
      ru: "Поля неизвестны, пока amoCRM не покажет их все, не больше 10000",
    },
  },
  field_missing: {
    says: {
      en: "{row}: there is no field {field}: its values go into the note; perhaps: {near}",
      ru: "{row}: поля {field} нет, значения идут в примечание; возможно: {near}",
    },
    mend: {
      en: "npm run amocrm -- setup --field {row}=<id or code>; or without a field: delete from amocrm_fields where entity || '.' || path = '{row}'",
      ru: "npm run amocrm -- setup --field {row}=<id или код>; либо без поля: delete from amocrm_fields where entity || '.' || path = '{row}'",
    },
  },
  field_unfillable: {
    says: {
      en: "{row}: field {field} has the type {type}, which takes no value of a lead: values go into the note",
      ru: "{row}: поле {field} типа {type}, значение заявки в него не записать: оно попадает в примечание",
    },
    mend: {
      en: "npm run amocrm -- setup --field {row}=<id of another field>",
      ru: "npm run amocrm -- setup --field {row}=<id другого поля>",
    },
  },
  field_path_unknown: {
    says: {
      en: "{row} is no column of a lead and never has a value; perhaps: {near}",
      ru: "{row}: такого столбца у заявки нет, значения не будет никогда; возможно: {near}",
    },
    mend: {
      en: "delete the row of amocrm_fields, or name metadata.…",
      ru: "удалите строку из amocrm_fields или укажите metadata.…",
    },
  },
  marker_unset: {
    says: {
      en: "Deals carry no marker yet; the next drain makes it",
      ru: "У сделок ещё нет служебного поля; его создаст следующая отправка",
    },
    mend: { en: "at once: npm run amocrm -- setup --marker", ru: "сразу: npm run amocrm -- setup --marker" },
  },
  marker_refused: {
    says: {
      en: "Deals carry no marker, so one whose answer was lost is recognised by its name only: {reason}",
      ru: "У сделок нет служебного поля, и после потерянного ответа сделка узнаётся только по названию: {reason}",
    },
    mend: {
      en: "let the token's user make fields, or make a text field of deals with the code SUPABASE_LEAD_ID; then npm run amocrm -- setup --marker",
      ru: "разрешите пользователю токена создавать поля или создайте текстовое поле сделки с кодом SUPABASE_LEAD_ID; затем npm run amocrm -- setup --marker",
    },
  },
  marker_type: {
    says: {
      en: "The marker {field} has the type {type} and cannot hold an id",
      ru: "Служебное поле {field} имеет тип {type} и не вместит номер заявки",
    },
    mend: {
      en: "npm run amocrm -- setup --field deal.id=<a text field>",
      ru: "npm run amocrm -- setup --field deal.id=<текстовое поле>",
    },
  },
} as const satisfies Sayings;
