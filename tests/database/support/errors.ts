import postgres from "postgres";

/** The server's error of a statement that must fail; anything else, also success, fails the test. */
export async function errorOf(statement: Promise<unknown>): Promise<postgres.PostgresError> {
  try {
    await statement;
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error;
    throw error;
  }
  throw new Error("the statement succeeded, although it must be refused");
}

/** The SQLSTATE with which a statement fails, or `ok`. */
export async function outcomeOf(statement: Promise<unknown>): Promise<string> {
  try {
    await statement;
    return "ok";
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error.code;
    throw error;
  }
}
