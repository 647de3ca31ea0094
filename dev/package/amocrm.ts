/** The operator's command as the package has it. */
import "./older-node.ts";
import "./as-package.ts";
import "#cli/main.ts";
