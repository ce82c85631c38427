/** The command line's entry; the commands live in `platform/cli`. Resolves to the exit status. */
export async function main(_args: readonly string[]): Promise<number> {
  process.stderr.write('millrace: no commands yet\n');
  return 1;
}
