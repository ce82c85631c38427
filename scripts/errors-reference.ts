import { ERROR_CODES } from '../src/core/mod.ts';
import { writeOrCheck } from './write-or-check.ts';

/** Makes docs/reference/errors.md from the error codes; `--check` fails when the page is stale. */
const rows = Object.entries(ERROR_CODES).map(
  ([code, { domain, retry, help }]) => `| \`${code}\` | ${domain} | ${retry ? 'yes' : 'no'} | ${help} |`,
);
writeOrCheck(
  'docs/reference/errors.md',
  `# Errors

Every error has a code. *Who acts*: \`user\` (wrong input), \`external\` (a peer, a disk), \`internal\` (a bug of Millrace).
*Retry*: the same call may succeed later without anyone changing anything.

| code | who acts | retry | what it means and what to do |
|---|---|---|---|
${rows.join('\n')}
`,
);
