/** Consumer groups: who is in them, who does what, and how far they have come. */
export { GroupCoordinator } from './coordinator.ts';
export type * from './messages.ts';
export { DEFAULT_GROUP_SETTINGS, type GroupSettings } from './settings.ts';
