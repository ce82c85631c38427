/** The connector `datagen`: rows made up, at a rate. */
export { type DatagenDependencies, datagenSource } from './source.ts';
