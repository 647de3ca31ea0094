/** Says what it was called with; run by run.test.ts. */
console.log(JSON.stringify(process.argv.slice(2)));
process.exitCode = 7;
