import type { Settings } from "../settings.ts";

const TEXTS = {
  unauthorized: { ru: "Неверный логин или пароль", en: "Incorrect user name or password" },
  unpaid: { ru: "Аккаунт не оплачен", en: "Account is not paid" },
  emptyBody: { ru: "Request data can not be empty", en: "Request data can not be empty" },
  malformedBody: { ru: "Тело запроса не является корректным JSON", en: "The body is not valid JSON" },
  validation: { ru: "Ошибка проверки данных запроса", en: "Request validation failed" },
  notFound: { ru: "Запрошенный ресурс не найден", en: "The requested resource was not found" },
  methodNotAllowed: { ru: "Метод не поддерживается", en: "Method is not allowed" },
  tooMany: { ru: "Слишком много запросов", en: "Too many requests" },
  forbidden: { ru: "Недостаточно прав", en: "Not enough rights" },
  limitTooHigh: { ru: "Параметр limit больше допустимого", en: "The limit parameter is too high" },
  internal: { ru: "Внутренняя ошибка сервера", en: "Internal server error" },
  InvalidType: { ru: "Неверный тип значения.", en: "The value has a wrong type." },
  NotSupportedChoice: { ru: "Выбранное значение недопустимо.", en: "The value you selected is not valid." },
  FieldMissing: { ru: "Поле обязательно.", en: "This field is missing." },
  TooLong: { ru: "Значение слишком длинное.", en: "The value is too long." },
  TooMany: { ru: "Слишком много элементов.", en: "The list holds too many items." },
  NotBlank: { ru: "Значение не должно быть пустым.", en: "The value should not be blank." },
  InvalidValue: { ru: "Недопустимое значение.", en: "The value is not valid." },
  StaleUpdate: {
    ru: "Last modified date is older than in database",
    en: "Last modified date is older than in database",
  },
} as const;

export type TextKey = keyof typeof TEXTS;

/** The `detail` text in the account's language: a client must not match on it (amocrm-api 4). */
export function text(settings: Settings, key: TextKey): string {
  return TEXTS[key][settings.language];
}
