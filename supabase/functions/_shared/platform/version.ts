/** The version of the functions; `amocrm.installation` has that of the database. Both are package.json's. */
export const VERSION = "0.1.0";
