import type { Sayings } from "../../doctor/words.ts";

/** What doctor says of the functions' variables. */
export const VARIABLES = {
  variables_ok: {
    says: { en: "All that the functions need is set", ru: "Всё нужное функциям задано" },
  },
  variables_off: {
    says: {
      en: "AMOCRM_ENABLED is off: leads are saved and wait",
      ru: "AMOCRM_ENABLED выключен: заявки сохраняются и ждут",
    },
    mend: {
      en: "npx supabase secrets set AMOCRM_ENABLED=true",
      ru: "npx supabase secrets set AMOCRM_ENABLED=true",
    },
  },
  variable_missing: {
    says: { en: "{name} is not set", ru: "{name} не задана" },
    mend: {
      en: "npx supabase secrets set {name}={example}",
      ru: "npx supabase secrets set {name}={example}",
    },
  },
  variable_misspelt: {
    says: {
      en: "{name} is not set, but {found} is: misspelt?",
      ru: "{name} не задана, зато задана {found}: опечатка?",
    },
    mend: {
      en: "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
      ru: "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
    },
  },
  variable_malformed: {
    says: { en: "{name} cannot be understood", ru: "Значение {name} непонятно" },
    mend: {
      en: "npx supabase secrets set {name}={example}",
      ru: "npx supabase secrets set {name}={example}",
    },
  },
  variable_alike: {
    says: {
      en: "{found} is set, which nothing reads: {name} was probably meant",
      ru: "Задана {found}, её никто не читает: вероятно, имелась в виду {name}",
    },
    mend: {
      en: "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
      ru: "npx supabase secrets set {name}=…; npx supabase secrets unset {found}",
    },
  },
  value_has_spaces: {
    says: {
      en: "{name} begins or ends with blanks or a line break",
      ru: "{name}: по краям значения пробелы или перевод строки",
    },
    mend: { en: "set it anew without them", ru: "задайте заново без них" },
  },
  value_has_quotes: {
    says: {
      en: "{name} has quotation marks around it, which belong to the value",
      ru: "{name}: кавычки вокруг значения считаются его частью",
    },
    mend: { en: "set it anew without them", ru: "задайте заново без них" },
  },
  value_has_blanks: {
    says: {
      en: "{name} has blanks or line breaks in it",
      ru: "{name}: внутри значения пробелы или переводы строки",
    },
    mend: { en: "copy it anew, as a whole and in one line", ru: "скопируйте заново целиком и в одну строку" },
  },
  value_has_bearer: {
    says: { en: "{name} begins with Bearer", ru: "{name} начинается с Bearer" },
    mend: { en: "set it anew without that word", ru: "задайте заново без этого слова" },
  },
  value_is_url: {
    says: { en: "{name} is an address", ru: "{name} — адрес" },
    mend: {
      en: "look whether it was mixed up with AMOCRM_BASE_URL or AMOCRM_REDIRECT_URI",
      ru: "не перепутана ли она с AMOCRM_BASE_URL или AMOCRM_REDIRECT_URI",
    },
  },
  value_is_key: {
    says: { en: "{name} is a Supabase key", ru: "{name} — ключ Supabase" },
    mend: {
      en: "a token comes from amoCRM: settings, integrations, keys and scopes",
      ru: "токен выдаёт amoCRM: настройки, интеграции, ключи и доступы",
    },
  },
  value_is_plain_http: {
    says: {
      en: "{name} is http: the token goes over the network unencrypted",
      ru: "{name} с http: токен идёт по сети незашифрованным",
    },
    mend: { en: "set it anew with https", ru: "задайте заново с https" },
  },
} as const satisfies Sayings;
