/** Remedies and examples name the command as it is called in the repository; who has the package calls it otherwise. */
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: unknown, ...rest: unknown[]) =>
    write(
      typeof chunk === "string"
        ? chunk.replaceAll("npm run amocrm --", "npx amocrm").replaceAll("npm run page --", "npx amocrm page")
        : chunk,
      ...rest,
    )) as typeof stream.write;
}
