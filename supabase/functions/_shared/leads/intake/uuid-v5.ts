/** RFC 9562 version 5: the UUID of a name within a namespace, the same wherever it is computed. */
export async function uuidV5(namespace: string, name: string): Promise<string> {
  const space = namespace.replaceAll("-", "").match(/../g) ?? [];
  const bytes = Uint8Array.from([
    ...space.map((byte) => Number.parseInt(byte, 16)),
    ...new TextEncoder().encode(name),
  ]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).slice(0, 16);
  const hex = [...digest].map((byte, index) => {
    // Version and variant stand in fixed bits.
    const marked = index === 6 ? (byte & 0x0f) | 0x50 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, "0");
  });
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
