/** What an application's TypeScript imports as `millrace/app`. */
export { type Clock, type Rng, seededRng } from '../core/mod.ts';
export * from './function.ts';
export * from './generator.ts';
export * from './routes.ts';
