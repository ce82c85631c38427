/** What an application's TypeScript imports as `millrace/app`. */
export * from './routes.ts';
