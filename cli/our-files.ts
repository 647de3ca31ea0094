import fs from "node:fs";
import path from "node:path";

const HERE = import.meta.dirname;

/** The folder that holds our `supabase/`: that of the built command in the package, else the repository. */
export const OUR_FOLDER = fs.existsSync(path.join(HERE, "supabase")) ? HERE : path.dirname(HERE);
