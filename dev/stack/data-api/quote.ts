/** An SQL identifier. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** An SQL text literal; the cluster's standard_conforming_strings makes backslashes ordinary. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
