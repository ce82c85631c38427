/** What the form for a new topic holds. */
export interface NewTopicForm {
  readonly name: string;
  readonly partitions: string;
  readonly policy: string;
  /** Empty: the log's default. */
  readonly retention: string;
  readonly extras: readonly { readonly name: string; readonly value: string }[];
}

/** Why a name can't be a topic's; null where it can. The server has the last word. */
export function wrongTopicName(name: string): string | null {
  if (name === '') return 'A topic needs a name.';
  if (name === '.' || name === '..') return 'A name is not . or ..';
  if (name.length > 249) return 'A name has at most 249 characters.';
  return /^[a-zA-Z0-9._-]+$/.test(name) ? null : 'A name has only letters, digits, ., _ and -.';
}

/** The body of POST /api/topics; settings that say nothing are left to the log. */
export function newTopicBody(form: NewTopicForm): {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string | number>>;
} {
  const config: Record<string, string | number> = {};
  if (form.policy !== 'delete') config['cleanup.policy'] = form.policy;
  if (form.retention !== '' && form.policy !== 'compact') config['retention.ms'] = Number(form.retention);
  for (const { name, value } of form.extras) {
    const text = value.trim();
    if (name.trim() !== '') config[name.trim()] = /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  }
  return { name: form.name, partitions: Number(form.partitions), config };
}
