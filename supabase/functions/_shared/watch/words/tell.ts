import type { Texts } from "../../platform/text.ts";

/** What is said about messages of amocrm_tell. */
export const TELL = {
  held_now: {
    en: "amocrm_tell was called more than {most} times in an hour for one deal; held now: {count}, the first for {whom}",
    ru: "amocrm_tell вызвана больше {most} раз за час для одной сделки; задержано сейчас: {count}, первое для {whom}",
  },
  look_for_loop: {
    en: "Look for a loop, then: select amocrm_release_tells(), or to drop them amocrm_release_tells(null, true)",
    ru: "Найдите петлю, затем: select amocrm_release_tells(), а чтобы отменить — amocrm_release_tells(null, true)",
  },
  held: {
    en: "More than {most} messages were told within an hour for one deal: held until a person releases or cancels them",
    ru: "Больше {most} сообщений за час для одной сделки: задержаны, пока человек их не отпустит или не отменит",
  },
  together: {
    en: "Message {id} tells this together with what came after it",
    ru: "Сообщение {id} говорит это вместе с тем, что было позже",
  },
  no_deal: {
    en: "The person has no deal yet, and telling makes none",
    ru: "У человека ещё нет сделки, а amocrm_tell сделок не создаёт",
  },
  no_contact: {
    en: "The person has no contact yet, and telling makes none",
    ru: "У человека ещё нет контакта, а amocrm_tell контактов не создаёт",
  },
  no_deal_ever: {
    en: "The person got no deal within 24 hours, and telling makes none",
    ru: "За 24 часа у человека не появилась сделка, а amocrm_tell сделок не создаёт",
  },
  no_contact_ever: {
    en: "The person got no contact within 24 hours, and telling makes none",
    ru: "За 24 часа у человека не появился контакт, а amocrm_tell контактов не создаёт",
  },
  account_changed: {
    en: "The deal was one of another amoCRM account than the one that is connected now",
    ru: "Сделка была в другом аккаунте amoCRM, не в том, что подключён сейчас",
  },
  note_only: {
    en: "Deal {id} is won; it got a note and nothing else",
    ru: "Сделка {id} успешно реализована; она получила только примечание",
  },
  deal_gone: {
    en: "Deal {id} was deleted in amoCRM, so there is no place for what was told",
    ru: "Сделка {id} удалена в amoCRM, поэтому сообщению нет места",
  },
  another_deal: {
    en: "Deal {id} was deleted in amoCRM; another one of the person was looked for",
    ru: "Сделка {id} удалена в amoCRM; искали другую сделку этого человека",
  },
  field_unknown: {
    en: "The account has no field {key}; its value is in the note",
    ru: "В аккаунте нет поля {key}; значение в примечании",
  },
  to_row: { en: "p_to: {name} must be the id of a row, a UUID", ru: "p_to: {name} — это id строки, UUID" },
  to_nobody: { en: "p_to: there is no row {id} in {table}", ru: "p_to: строки {id} в {table} нет" },
  to_deal: {
    en: "p_to: deal_id must be the number of a deal in amoCRM",
    ru: "p_to: deal_id — это номер сделки в amoCRM",
  },
  to_address: {
    en: "p_to: email must be an e-mail address, phone a phone number, and one of them must be there",
    ru: "p_to: email — адрес почты, phone — номер телефона, нужен хотя бы один",
  },
  to_one: {
    en: "p_to must name one of lead_id, student_id and deal_id, or else email, phone or both",
    ru: "p_to называет что-то одно: lead_id, student_id, deal_id либо email, phone или оба",
  },
  kind_unknown: {
    en: "p_kind: {kind} cannot be told, only {kinds}",
    ru: "p_kind: {kind} сообщить нельзя, только {kinds}",
  },
  payload_object: { en: "p_payload of {kind} must be an object", ru: "p_payload вида {kind} — это объект" },
  payload_wrong: { en: "p_payload of {kind}: {problem}", ru: "p_payload вида {kind}: {problem}" },
  key_length: {
    en: "p_key must have from 1 to 200 characters",
    ru: "в p_key от 1 до 200 символов",
  },
  key_other: {
    en: "p_key names message {id} already, which tells something else",
    ru: "p_key уже называет сообщение {id}, а в нём другое",
  },
} as const satisfies Texts;
