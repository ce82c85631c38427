import type { Setting } from './setting.ts';
import { environmentName, SETTINGS } from './settings.ts';

/** The page `docs/reference/config.md`, from the table of settings. */
export function configReference(): string {
  return [
    '# Settings',
    '',
    '<!-- Written by scripts/config-reference.ts from src/platform/config/settings.ts. Do not edit. -->',
    '',
    'A setting is given in `millrace.yaml` (in the working directory, or in the data directory), in the environment, or as',
    'a flag (passwords are not: others see command lines); the flag wins over the environment, the environment over the',
    'file. An unknown name is refused.',
    '',
    '| setting | environment | default | what it does |',
    '|---|---|---|---|',
    ...SETTINGS.map(row),
    '',
    '`params.NAME` (`MILLRACE_PARAMS_NAME`, `--params.NAME`) sets a parameter of the application, as its `app.yaml` declares it.',
    '',
  ].join('\n');
}

function row(setting: Setting): string {
  const fits = setting.choices ? ` One of ${setting.choices.map(c => `\`${c}\``).join(', ')}.` : '';
  const text = Array.isArray(setting.default) ? setting.default.join(',') : String(setting.default);
  const initial = text === '' ? '(empty)' : `\`${text}\``;
  return `| \`${setting.name}\` | \`${environmentName(setting.name)}\` | ${initial} | ${setting.description}${fits} |`;
}
